/** The models of the kit. */
import * as Schema from "effect/Schema"
import * as Column from "../../orm/Column.ts"
import * as Model from "../../orm/Model.ts"
import * as Relation from "../../orm/Relation.ts"
import * as Repository from "../../orm/Repository.ts"

export const Document = Schema.Struct({
  title: Schema.String,
  tags: Schema.Array(Schema.String),
  due: Schema.NullOr(Schema.DateFromString),
  n: Schema.Finite
})

/** One column of each kind; all but the key may be null. */
export const Value = Model.make("kit_values", {
  id: Column.Integer().primaryKey(),
  integer: Column.Integer().nullable(),
  bigInteger: Column.BigInteger().nullable(),
  text: Column.Text().nullable(),
  short: Column.Text({ max: 5 }).nullable(),
  boolean: Column.Boolean().nullable(),
  dateTime: Column.DateTime().nullable(),
  decimal: Column.Decimal({ precision: 12, scale: 4 }).nullable(),
  longDecimal: Column.Decimal({ precision: 18, scale: 2 }).nullable(),
  float: Column.Float().nullable(),
  uuid: Column.Uuid().nullable(),
  json: Column.Json(Document).nullable(),
  anything: Column.Json(Schema.Json).nullable(),
  binary: Column.Binary({ max: 1_000_000 }).nullable(),
  mood: Column.Enum("good", "bad").nullable(),
  trimmed: Column.Text().refine(Schema.Trimmed).nullable()
})

export const User = Model.make("kit_users", {
  id: Column.Integer().primaryKey(),
  email: Column.Text({ max: 255 }).unique(),
  name: Column.Text(),
  nickname: Column.Text().nullable(),
  role: Column.Enum("admin", "member").default("member"),
  logins: Column.Integer().default(0),
  managerId: Column.Integer()
    .nullable()
    .references((): Model.Any => User, { onDelete: "set null" }),
  createdAt: Column.DateTime().default(Column.now).readonly()
})

export const Post = Model.make(
  "kit_posts",
  {
    id: Column.Uuid().primaryKey().default(Column.uuid4),
    authorId: Column.ForeignKey(() => User, { onDelete: "cascade" }).index(),
    title: Column.Text(),
    views: Column.BigInteger().default(0n),
    score: Column.Float().nullable(),
    price: Column.Decimal({ precision: 10, scale: 2 }).default("0"),
    draft: Column.Boolean().default(true)
  },
  { unique: [["authorId", "title"]] }
)

export const Tag = Model.make("kit_tags", { id: Column.Integer().primaryKey(), label: Column.Text().unique() })

export const PostTag = Model.make("kit_post_tags", {
  postId: Column.ForeignKey(() => Post, { onDelete: "cascade" }).primaryKey(),
  tagId: Column.ForeignKey(() => Tag, { onDelete: "restrict" }).primaryKey()
})

export const Profile = Model.make("kit_profiles", {
  userId: Column.ForeignKey(() => User, { onDelete: "cascade" }).primaryKey(),
  bio: Column.Text()
})

/** Names that SQL would take for something else. */
export const Odd = Model.make("kit_order", {
  id: Column.Integer().primaryKey().named("select"),
  group: Column.Text().named('a "quoted" name'),
  where: Column.Integer().named("drop table users; --").nullable()
})

/** In an order in which each stands after those that it points to. */
export const models: ReadonlyArray<Model.Any> = [Value, User, Post, Tag, PostTag, Profile, Odd]

export const Values = Repository.make(Value)
export const Users = Repository.make(User)
export const Posts = Repository.make(Post)
export const Tags = Repository.make(Tag)
export const PostTags = Repository.make(PostTag)
export const Profiles = Repository.make(Profile)
export const Odds = Repository.make(Odd)

export const postsOfUser = Relation.hasMany(User, Post, "authorId")
export const profileOfUser = Relation.hasOne(User, Profile, "userId")
export const managerOfUser = Relation.belongsTo(User, "managerId", User)
export const reportsOfUser = Relation.hasMany(User, User, "managerId")
export const authorOfPost = Relation.belongsTo(Post, "authorId", User)
export const tagsOfPost = Relation.manyToMany(Post, Tag, { through: PostTag, from: "postId", to: "tagId" })
export const postsOfTag = Relation.manyToMany(Tag, Post, { through: PostTag, from: "tagId", to: "postId" })
