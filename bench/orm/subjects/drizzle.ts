/** Drizzle 1.0 over node:sqlite, with its generated mappers on, as its documentation writes it. */
import { DatabaseSync } from "node:sqlite"
import { and, asc, defineRelations, desc, eq, gt } from "drizzle-orm"
import { drizzle } from "drizzle-orm/node-sqlite"
import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core"
import { type Item, pragmas, type Subject } from "../shared.ts"

const item = sqliteTable("item", {
  id: integer("id").primaryKey(),
  name: text("name").notNull(),
  email: text("email").notNull(),
  age: integer("age").notNull(),
  score: real("score").notNull(),
  active: integer("active", { mode: "boolean" }).notNull(),
  bio: text("bio").notNull(),
  createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
  updatedAt: integer("updated_at", { mode: "timestamp_ms" }),
  data: text("data", { mode: "json" }).$type<Item["data"]>().notNull()
})
const author = sqliteTable("author", {
  id: integer("id").primaryKey(),
  name: text("name").notNull(),
  active: integer("active", { mode: "boolean" }).notNull()
})
const post = sqliteTable("post", {
  id: integer("id").primaryKey(),
  authorId: integer("author_id").notNull(),
  title: text("title").notNull(),
  body: text("body").notNull(),
  views: integer("views").notNull(),
  createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull()
})
const relations = defineRelations({ item, author, post }, (r) => ({
  author: { posts: r.many.post({ from: r.author.id, to: r.post.authorId }) },
  post: { author: r.one.author({ from: r.post.authorId, to: r.author.id }) }
}))

/** So that a statement stays below the number of parameters that SQLite takes. */
const chunks = <A>(rows: ReadonlyArray<A>): Array<Array<A>> =>
  Array.from({ length: Math.ceil(rows.length / 1000) }, (_, i) => rows.slice(i * 1000, i * 1000 + 1000))

export const open = (file: string): Subject => {
  const client = new DatabaseSync(file)
  client.exec(pragmas)
  const db = drizzle({ client, relations, jit: true })
  const each = async <A>(rows: ReadonlyArray<A>, f: (row: A) => PromiseLike<unknown>) => {
    client.exec("begin")
    for (const row of rows) await f(row)
    client.exec("commit")
  }
  const select = (id: number) => db.select().from(item).where(eq(item.id, id))
  return {
    seed: async (authors, posts) => {
      for (const rows of chunks(authors)) await db.insert(author).values(rows)
      for (const rows of chunks(posts)) await db.insert(post).values(rows)
    },
    clear: () => client.exec("delete from item"),
    insertEach: (items) => each(items, (row) => db.insert(item).values(row)),
    insertMany: (items) => each(chunks(items), (rows) => db.insert(item).values(rows)),
    byId: async (id) => (await select(id))[0],
    points: async (ids) => {
      let sum = 0
      for (const id of ids) sum += (await select(id))[0]?.age ?? 0
      return sum
    },
    lists: async (count, times) => {
      let found: unknown
      for (let i = 0; i < times; i++) found = await db.select().from(item).orderBy(asc(item.id)).limit(count)
      return found
    },
    families: async (ids, times) => {
      let found: unknown
      for (let i = 0; i < times; i++) {
        found = await db.query.author.findMany({
          where: { id: { in: [...ids] } },
          orderBy: { id: "asc" },
          with: { posts: { orderBy: { id: "asc" } } }
        })
      }
      return found
    },
    updateEach: (changes) =>
      each(changes, ({ age, id, name }) => db.update(item).set({ age, name }).where(eq(item.id, id))),
    pages: async (views) => {
      let rows: unknown
      for (const more of views) {
        rows = await db
          .select({ id: post.id, title: post.title, views: post.views, authorName: author.name })
          .from(post)
          .innerJoin(author, eq(author.id, post.authorId))
          .where(and(gt(post.views, more), eq(author.active, true)))
          .orderBy(desc(post.views), asc(post.id))
          .limit(20)
          .offset(40)
      }
      return rows
    },
    close: () => client.close()
  }
}
