/** Kysely over node:sqlite. It knows no types at run time: values are coded by hand, as its users do. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import { Kysely, SqliteDialect } from "kysely"
import { jsonArrayFrom } from "kysely/helpers/sqlite"
import { type Author, type Item, type Post, pragmas, type Subject } from "../shared.ts"

interface ItemTable {
  id: number
  name: string
  email: string
  age: number
  score: number
  active: number
  bio: string
  created_at: number
  updated_at: number | null
  data: string
}
interface Tables {
  item: ItemTable
  author: { id: number; name: string; active: number }
  post: { id: number; author_id: number; title: string; body: string; views: number; created_at: number }
}

const itemOf = (row: ItemTable): Item => ({
  id: row.id,
  name: row.name,
  email: row.email,
  age: row.age,
  score: row.score,
  active: row.active === 1,
  bio: row.bio,
  createdAt: new Date(row.created_at),
  updatedAt: row.updated_at === null ? null : new Date(row.updated_at),
  data: JSON.parse(row.data)
})
const rowOf = (item: Item): ItemTable => ({
  id: item.id,
  name: item.name,
  email: item.email,
  age: item.age,
  score: item.score,
  active: item.active ? 1 : 0,
  bio: item.bio,
  created_at: item.createdAt.getTime(),
  updated_at: item.updatedAt === null ? null : item.updatedAt.getTime(),
  data: JSON.stringify(item.data)
})
const authorRow = ({ active, id, name }: Author) => ({ id, name, active: active ? 1 : 0 })
const postRow = ({ authorId, body, createdAt, id, title, views }: Post) => ({
  id,
  author_id: authorId,
  title,
  body,
  views,
  created_at: createdAt.getTime()
})

const chunks = <A>(rows: ReadonlyArray<A>): Array<Array<A>> =>
  Array.from({ length: Math.ceil(rows.length / 1000) }, (_, i) => rows.slice(i * 1000, i * 1000 + 1000))

/** What Kysely's SQLite dialect wants of a driver. */
const adapted = (client: DatabaseSync) => ({
  prepare: (sql: string) => {
    const statement = client.prepare(sql)
    return {
      reader: statement.columns().length > 0,
      all: (parameters: ReadonlyArray<unknown>) => statement.all(...(parameters as Array<SQLInputValue>)),
      run: (parameters: ReadonlyArray<unknown>) => statement.run(...(parameters as Array<SQLInputValue>)),
      iterate: (parameters: ReadonlyArray<unknown>) => statement.iterate(...(parameters as Array<SQLInputValue>))
    }
  },
  close: () => client.close()
})

export const open = (file: string): Subject => {
  const client = new DatabaseSync(file)
  client.exec(pragmas)
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapted(client) as never }) })
  const find = async (id: number) =>
    itemOf(await db.selectFrom("item").selectAll().where("id", "=", id).executeTakeFirstOrThrow())
  const families = async (ids: ReadonlyArray<number>) => {
    const rows = await db
      .selectFrom("author")
      .selectAll()
      .where("id", "in", ids)
      .orderBy("id")
      .select((eb) =>
        jsonArrayFrom(
          eb
            .selectFrom("post")
            .select(["id", "author_id as authorId", "title", "body", "views", "created_at as createdAt"])
            .whereRef("post.author_id", "=", "author.id")
            .orderBy("id")
        ).as("posts")
      )
      .execute()
    return rows.map(({ active, id, name, posts }) => ({
      id,
      name,
      active: active === 1,
      posts: (JSON.parse(posts as unknown as string) as typeof posts).map((post) => ({
        ...post,
        createdAt: new Date(post.createdAt)
      }))
    }))
  }
  return {
    seed: async (authors, posts) => {
      for (const rows of chunks(authors)) await db.insertInto("author").values(rows.map(authorRow)).execute()
      for (const rows of chunks(posts)) await db.insertInto("post").values(rows.map(postRow)).execute()
    },
    clear: () => client.exec("delete from item"),
    insertEach: (items) =>
      db.transaction().execute(async (t) => {
        for (const item of items) await t.insertInto("item").values(rowOf(item)).execute()
      }),
    insertMany: (items) =>
      db.transaction().execute(async (t) => {
        for (const rows of chunks(items)) await t.insertInto("item").values(rows.map(rowOf)).execute()
      }),
    byId: find,
    points: async (ids) => {
      let sum = 0
      for (const id of ids) sum += (await find(id)).age
      return sum
    },
    lists: async (count, times) => {
      let found: unknown
      for (let i = 0; i < times; i++) {
        found = (await db.selectFrom("item").selectAll().orderBy("id").limit(count).execute()).map(itemOf)
      }
      return found
    },
    families: async (ids, times) => {
      let found: unknown
      for (let i = 0; i < times; i++) found = await families(ids)
      return found
    },
    updateEach: (changes) =>
      db.transaction().execute(async (t) => {
        for (const { age, id, name } of changes) {
          await t.updateTable("item").set({ age, name }).where("id", "=", id).execute()
        }
      }),
    pages: async (views) => {
      let rows: unknown
      for (const more of views) {
        rows = await db
          .selectFrom("post as p")
          .innerJoin("author as a", "a.id", "p.author_id")
          .select(["p.id", "p.title", "p.views", "a.name as authorName"])
          .where("p.views", ">", more)
          .where("a.active", "=", 1)
          .orderBy("p.views", "desc")
          .orderBy("p.id")
          .limit(20)
          .offset(40)
          .execute()
      }
      return rows
    },
    close: () => db.destroy()
  }
}
