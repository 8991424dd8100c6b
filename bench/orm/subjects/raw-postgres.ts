/** The limit: node-postgres by hand, with named statements and decoders written out. It checks nothing. */
import pg from "pg"
import { type Author, type Item, type Post, postgresTables, type Subject } from "../shared.ts"

type Cells = ReadonlyArray<unknown>
const columns = "id, name, email, age, score, active, bio, created_at, updated_at, data"

const itemOf = (row: Cells): Item => ({
  id: row[0] as number,
  name: row[1] as string,
  email: row[2] as string,
  age: row[3] as number,
  score: row[4] as number,
  active: row[5] as boolean,
  bio: row[6] as string,
  createdAt: row[7] as Date,
  updatedAt: row[8] as Date | null,
  data: row[9] as Item["data"]
})

const cellsOf = (item: Item): Array<unknown> => [
  item.id,
  item.name,
  item.email,
  item.age,
  item.score,
  item.active,
  item.bio,
  item.createdAt,
  item.updatedAt,
  JSON.stringify(item.data)
]

const texts = {
  insert: `insert into item (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
  many: `insert into item (${columns}) select * from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::float8[], $6::boolean[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::jsonb[])`,
  byId: `select ${columns} from item where id = $1`,
  list: `select ${columns} from item order by id limit $1`,
  parents: "select id, name, active from author where id = any($1) order by id",
  children: "select id, author_id, title, body, views, created_at from post where author_id = any($1) order by id",
  update: "update item set age = $1, name = $2 where id = $3",
  page: "select p.id, p.title, p.views, a.name from post p inner join author a on a.id = p.author_id where p.views > $1 and a.active order by p.views desc, p.id limit 20 offset 40"
}

export const open = async (url: string): Promise<Subject> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const sql of postgresTables) await client.query(sql)
  const rows = async (name: keyof typeof texts, values: Array<unknown>): Promise<ReadonlyArray<Cells>> =>
    (await client.query({ name, text: texts[name], values, rowMode: "array" })).rows as ReadonlyArray<Cells>
  const inTransaction = async (work: () => Promise<unknown>): Promise<void> => {
    await client.query("begin")
    await work()
    await client.query("commit")
  }
  const family = async (ids: ReadonlyArray<number>) => {
    const byId = new Map<unknown, Author & { readonly posts: Array<Post> }>()
    for (const [id, name, active] of await rows("parents", [ids])) {
      byId.set(id, { id: id as number, name: name as string, active: active as boolean, posts: [] })
    }
    for (const row of await rows("children", [ids])) {
      byId.get(row[1])?.posts.push({
        id: row[0] as number,
        authorId: row[1] as number,
        title: row[2] as string,
        body: row[3] as string,
        views: row[4] as number,
        createdAt: row[5] as Date
      })
    }
    return [...byId.values()]
  }
  return {
    seed: (authors, posts) =>
      inTransaction(async () => {
        for (const a of authors) await client.query("insert into author values ($1, $2, $3)", [a.id, a.name, a.active])
        for (const p of posts) {
          await client.query("insert into post values ($1, $2, $3, $4, $5, $6)", [
            p.id,
            p.authorId,
            p.title,
            p.body,
            p.views,
            p.createdAt
          ])
        }
      }),
    clear: () => client.query("delete from item"),
    insertEach: (items) =>
      inTransaction(async () => {
        for (const item of items) await rows("insert", cellsOf(item))
      }),
    insertMany: async (items) => {
      const cells = items.map(cellsOf)
      await rows(
        "many",
        Array.from({ length: 10 }, (_, at) => cells.map((row) => row[at]))
      )
    },
    byId: async (id) => (await rows("byId", [id])).map(itemOf)[0],
    points: async (ids) => {
      let sum = 0
      for (const id of ids) sum += itemOf((await rows("byId", [id]))[0] as Cells).age
      return sum
    },
    lists: async (count, times) => {
      let items: ReadonlyArray<Item> = []
      for (let i = 0; i < times; i++) items = (await rows("list", [count])).map(itemOf)
      return items
    },
    families: async (ids, times) => {
      let found: unknown
      for (let i = 0; i < times; i++) found = await family(ids)
      return found
    },
    updateEach: (changes) =>
      inTransaction(async () => {
        for (const { age, id, name } of changes) await rows("update", [age, name, id])
      }),
    pages: async (views) => {
      let found: unknown
      for (const more of views) {
        found = (await rows("page", [more])).map(([id, title, views, authorName]) => ({ id, title, views, authorName }))
      }
      return found
    },
    close: () => client.end()
  }
}
