import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Column from "../../src/orm/Column.ts"
import * as Model from "../../src/orm/Model.ts"
import { Post, PostTag, User } from "./models.ts"

const invalid = (columns: Model.Columns, options: Model.Options<Model.Columns> = {}, name = "things"): string => {
  try {
    Model.make(name, columns, options)
  } catch (error) {
    assert.ok(error instanceof Model.ModelInvalid)
    assert.equal(error.code, "ORM_MODEL_INVALID")
    return error.message
  }
  return assert.fail("the model was taken")
}

describe("Model.table", () => {
  it("is plain data, the same after a round trip through JSON", () => {
    for (const { table } of [User, Post, PostTag]) assert.deepEqual(JSON.parse(JSON.stringify(table)), table)
  })

  it("names columns in the way of databases and tells kind, null, default, key and references", () => {
    const column = (model: Model.Any, property: string) =>
      model.table.columns.find((column) => column.property === property)
    assert.deepEqual(column(User, "id"), {
      name: "id",
      property: "id",
      type: { kind: "integer" },
      nullable: false,
      generated: true
    })
    assert.deepEqual(column(User, "managerId"), {
      name: "manager_id",
      property: "managerId",
      type: { kind: "integer" },
      nullable: true,
      generated: false,
      references: { table: "users", column: "id", onDelete: "set null" }
    })
    assert.deepEqual(column(Post, "views")?.default, { value: "0" })
    assert.equal(column(Post, "id")?.default, undefined)
    assert.equal(column(User, "nickname")?.was, "nick")
    assert.deepEqual(column(PostTag, "postId")?.type, { kind: "uuid" })
    assert.deepEqual(PostTag.table.primaryKey, ["post_id", "tag_id"])
  })

  it("lists unique sets and indexes by name", () => {
    assert.deepEqual(Post.table.indexes, [
      { name: "posts_author_id_title_unique", columns: ["author_id", "title"], unique: true },
      { name: "posts_author_id_index", columns: ["author_id"], unique: false },
      { name: "posts_views_id_index", columns: ["views", "id"], unique: false }
    ])
  })

  it("shortens the name of an index to what every database keeps", () => {
    const long = "a".repeat(50)
    const Long = Model.make(long, {
      id: Column.Integer().primaryKey(),
      bb: Column.Text().unique(),
      bc: Column.Text().unique()
    })
    const names = Long.table.indexes.map(({ name }) => name)
    assert.ok(names.every((name) => name.length <= 63))
    assert.equal(new Set(names).size, 2)
  })
})

describe("Model.schema", () => {
  const row = {
    id: 1,
    email: Schema.decodeUnknownSync(User.columns.email.spec.refinements[0] as Schema.Codec<never>)("a@x.io"),
    password: "secret",
    nickname: null,
    role: "admin" as const,
    credit: "12.50",
    profile: { tags: ["a"], born: new Date(0) },
    managerId: null,
    createdAt: new Date(86_400_000)
  }

  it("writes JSON without hidden columns and reads it back", () => {
    const json = Schema.encodeSync(User.schema.json)(row)
    assert.deepEqual(json, {
      id: 1,
      email: "a@x.io",
      nickname: null,
      role: "admin",
      credit: "12.50",
      profile: { tags: ["a"], born: "1970-01-01T00:00:00.000Z" },
      managerId: null,
      createdAt: "1970-01-02T00:00:00.000Z"
    })
    const { password: _, ...visible } = row
    assert.deepEqual(Schema.decodeSync(User.schema.json)(json), visible)
  })

  it("takes an insert without what has a default, and refuses what a refinement refuses", () => {
    const decode = Schema.decodeUnknownSync(User.schema.insert)
    assert.deepEqual(decode({ email: "a@x.io", password: "p" }), { email: "a@x.io", password: "p" })
    assert.throws(() => decode({ email: "nobody", password: "p" }), /email/)
    assert.throws(() => decode({ email: "a@x.io" }), /password/)
  })

  it.each([
    [{ title: "a\0b" }, /NUL/],
    [{ title: "\ud800" }, /surrogates/],
    [{ views: String(2n ** 63n) }, /64 bits/],
    [{ score: Number.NaN }, /finite/i],
    [{ cover: "AAAA".repeat(1000) }, /1024 bytes/]
  ])("refuses %j as an update", (update, problem) => {
    assert.throws(() => Schema.decodeUnknownSync(Post.schema.update)(update), problem)
  })

  it("gives a foreign key the type of what it points to", () => {
    const decode = Schema.decodeUnknownSync(PostTag.schema.row)
    const id = "6F9619FF-8B86-D011-B42D-00CF4FC964FF"
    assert.deepEqual(decode({ postId: id, tagId: 7 }), { postId: id.toLowerCase(), tagId: 7 })
    assert.throws(() => decode({ postId: "7", tagId: 7 }), /UUID/)
  })
})

describe("Model.make refuses", () => {
  it.each<[string, Model.Columns, Model.Options<Model.Columns>, RegExp]>([
    ["no columns", {}, {}, /no columns/],
    ["a name that a filter uses", { or: Column.Text() }, {}, /filter/],
    ["a name that is no name", { "a-b": Column.Text() }, {}, /letters/],
    ["one name twice", { aB: Column.Text(), a_b: Column.Text() }, {}, /two columns/],
    [
      "a key that is numbered and composite",
      { a: Column.Integer().primaryKey(), b: Column.Integer().primaryKey() },
      {},
      /generated: false/
    ],
    ["a nullable key", { a: Column.Text().nullable().primaryKey() }, {}, /nullable/],
    ["a float as key", { a: Column.Float().primaryKey() }, {}, /float/],
    ["an impossible decimal", { a: Column.Decimal({ precision: 2, scale: 3 }) }, {}, /scale/],
    ["an index of nothing", { a: Column.Text() }, { indexes: [["b"]] }, /"b"/],
    ["an empty database name", { a: Column.Text().named("") }, {}, /no name/],
    ["a name too long", { a: Column.Text().named("é".repeat(32)) }, {}, /63 bytes/]
  ])("%s", (_, columns, options, problem) => {
    assert.match(invalid(columns, options), problem)
  })

  it("a foreign key to a composite key, once it is asked for", () => {
    const Lost = Model.make("lost", {
      id: Column.Integer().primaryKey(),
      to: Column.ForeignKey(() => PostTag as Model.Any)
    })
    assert.throws(() => Lost.table, /not one column/)
  })
})
