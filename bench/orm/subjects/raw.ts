/** The limit: node:sqlite by hand, with statements prepared once and decoders written out. It checks nothing. */
import { DatabaseSync } from "node:sqlite"
import { type Author, type Item, type Post, pragmas, type Subject } from "../shared.ts"

type Cells = ReadonlyArray<unknown>
const columns = "id, name, email, age, score, active, bio, created_at, updated_at, data"

const itemOf = (row: Cells): Item => ({
  id: row[0] as number,
  name: row[1] as string,
  email: row[2] as string,
  age: row[3] as number,
  score: row[4] as number,
  active: row[5] === 1,
  bio: row[6] as string,
  createdAt: new Date(row[7] as number),
  updatedAt: row[8] === null ? null : new Date(row[8] as number),
  data: JSON.parse(row[9] as string)
})

export const open = (file: string): Subject => {
  const db = new DatabaseSync(file)
  db.exec(pragmas)
  const prepare = (sql: string) => {
    const statement = db.prepare(sql)
    if (sql.startsWith("select")) statement.setReturnArrays(true)
    return statement
  }
  const insert = prepare(`insert into item (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const byId = prepare(`select ${columns} from item where id = ?`)
  const list = prepare(`select ${columns} from item order by id limit ?`)
  const parents = prepare(
    "select id, name, active from author where id in (select value from json_each(?)) order by id"
  )
  const children = prepare(
    "select id, author_id, title, body, views, created_at from post where author_id in (select value from json_each(?)) order by id"
  )
  const update = prepare("update item set age = ?, name = ? where id = ?")
  const page = db.prepare(
    'select p.id, p.title, p.views, a.name as "authorName" from post p inner join author a on a.id = p.author_id where p.views > ? and a.active = 1 order by p.views desc, p.id limit 20 offset 40'
  )
  const put = (item: Item) =>
    insert.run(
      item.id,
      item.name,
      item.email,
      item.age,
      item.score,
      item.active ? 1 : 0,
      item.bio,
      item.createdAt.getTime(),
      item.updatedAt === null ? null : item.updatedAt.getTime(),
      JSON.stringify(item.data)
    )
  const each = <A>(rows: ReadonlyArray<A>, f: (row: A) => unknown): void => {
    db.exec("begin")
    for (const row of rows) f(row)
    db.exec("commit")
  }
  const family = (ids: ReadonlyArray<number>) => {
    const keys = JSON.stringify(ids)
    const byId = new Map<unknown, Author & { readonly posts: Array<Post> }>()
    for (const row of parents.all(keys) as unknown as ReadonlyArray<Cells>) {
      byId.set(row[0], { id: row[0] as number, name: row[1] as string, active: row[2] === 1, posts: [] })
    }
    for (const row of children.all(keys) as unknown as ReadonlyArray<Cells>) {
      byId.get(row[1])?.posts.push({
        id: row[0] as number,
        authorId: row[1] as number,
        title: row[2] as string,
        body: row[3] as string,
        views: row[4] as number,
        createdAt: new Date(row[5] as number)
      })
    }
    return [...byId.values()]
  }
  return {
    seed: (authors, posts) => {
      const author = db.prepare("insert into author values (?, ?, ?)")
      const post = db.prepare("insert into post values (?, ?, ?, ?, ?, ?)")
      each(authors, (a) => author.run(a.id, a.name, a.active ? 1 : 0))
      each(posts, (p) => post.run(p.id, p.authorId, p.title, p.body, p.views, p.createdAt.getTime()))
    },
    clear: () => db.exec("delete from item"),
    insertEach: (items) => each(items, put),
    insertMany: (items) => each(items, put),
    byId: (id) => itemOf(byId.get(id) as unknown as Cells),
    points: (ids) => {
      let sum = 0
      for (const id of ids) sum += itemOf(byId.get(id) as unknown as Cells).age
      return sum
    },
    lists: (count, times) => {
      let items: ReadonlyArray<Item> = []
      for (let i = 0; i < times; i++) items = (list.all(count) as unknown as ReadonlyArray<Cells>).map(itemOf)
      return items
    },
    families: (ids, times) => {
      let found: unknown
      for (let i = 0; i < times; i++) found = family(ids)
      return found
    },
    updateEach: (changes) => each(changes, ({ age, id, name }) => update.run(age, name, id)),
    pages: (views) => {
      let rows: unknown
      for (const more of views) rows = page.all(more)
      return rows
    },
    close: () => db.close()
  }
}
