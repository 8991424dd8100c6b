// The models that the tests of this folder share.
import * as Schema from "effect/Schema"
import * as Column from "../../src/orm/Column.ts"
import * as Model from "../../src/orm/Model.ts"

export const Email = Schema.String.check(Schema.isPattern(/^.+@.+$/)).pipe(Schema.brand("Email"))

export const Profile = Schema.Struct({ tags: Schema.Array(Schema.String), born: Schema.DateFromString })

export const User = Model.make("users", {
  id: Column.Integer().primaryKey(),
  email: Column.Text({ max: 255 }).refine(Email).unique(),
  password: Column.Text().hidden(),
  nickname: Column.Text().nullable().was("nick"),
  role: Column.Enum("admin", "member").default("member"),
  credit: Column.Decimal({ precision: 10, scale: 2 }).default("0.00"),
  profile: Column.Json(Profile).nullable(),
  managerId: Column.Integer()
    .nullable()
    .references((): Model.Any => User, { onDelete: "set null" }),
  createdAt: Column.DateTime().default(Column.now).readonly()
})

export const Post = Model.make(
  "posts",
  {
    id: Column.Uuid().primaryKey().default(Column.uuid4),
    authorId: Column.ForeignKey(() => User, { onDelete: "cascade" }).index(),
    title: Column.Text(),
    views: Column.BigInteger().default(0n),
    score: Column.Float().default(0),
    draft: Column.Boolean().default(true),
    cover: Column.Binary({ max: 1024 }).nullable()
  },
  { unique: [["authorId", "title"]], indexes: [["views", "id"]] }
)

export const Tag = Model.make("tags", { id: Column.Integer().primaryKey(), label: Column.Text().unique() })

export const PostTag = Model.make("post_tags", {
  postId: Column.ForeignKey(() => Post, { onDelete: "cascade" }).primaryKey(),
  tagId: Column.ForeignKey(() => Tag, { onDelete: "cascade" }).primaryKey()
})
