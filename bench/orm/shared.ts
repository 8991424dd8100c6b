/**
 * What all subjects share: tables, data and what must come out. Every result is compared with it before its time counts.
 */
export interface Item {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly age: number
  readonly score: number
  readonly active: boolean
  readonly bio: string
  readonly createdAt: Date
  readonly updatedAt: Date | null
  readonly data: { readonly tags: ReadonlyArray<string>; readonly n: number }
}

export interface Author {
  readonly id: number
  readonly name: string
  readonly active: boolean
}

export interface Post {
  readonly id: number
  readonly authorId: number
  readonly title: string
  readonly body: string
  readonly views: number
  readonly createdAt: Date
}

export interface PageRow {
  readonly id: number
  readonly title: string
  readonly views: number
  readonly authorName: string
}

export interface Change {
  readonly id: number
  readonly age: number
  readonly name: string
}

/** One way to use a database. What suspends gives a promise; what does not is done when it returns. */
export interface Subject {
  readonly seed: (authors: ReadonlyArray<Author>, posts: ReadonlyArray<Post>) => unknown
  readonly clear: () => unknown
  /** In one transaction, a statement for each. */
  readonly insertEach: (items: ReadonlyArray<Item>) => unknown
  readonly insertMany: (items: ReadonlyArray<Item>) => unknown
  readonly byId: (id: number) => unknown
  /** Reads one after the other; gives the sum of their ages. */
  readonly points: (ids: ReadonlyArray<number>) => unknown
  /** The first `count` items by id, `times` times; gives the last list. */
  readonly lists: (count: number, times: number) => unknown
  /** Authors with their posts, both by id, `times` times; gives the last list. */
  readonly families: (ids: ReadonlyArray<number>, times: number) => unknown
  /** In one transaction, a statement for each. */
  readonly updateEach: (changes: ReadonlyArray<Change>) => unknown
  /** Posts with more than `views` views by active authors, most viewed first, 20 after the first 40; gives the last page. */
  readonly pages: (views: ReadonlyArray<number>) => unknown
  readonly close: () => unknown
}

export const sizes = {
  items: 10_000,
  points: 20_000,
  list: 1000,
  lists: 200,
  authors: 1000,
  posts: 10,
  parents: 100,
  families: 50,
  pages: 1000
}

const start = Date.UTC(2025, 0, 1)

export const items: ReadonlyArray<Item> = Array.from({ length: sizes.items }, (_, i) => ({
  id: i + 1,
  name: `name ${i + 1}`,
  email: `user${i + 1}@example.com`,
  age: 18 + (i % 70),
  score: (i % 1000) / 8,
  active: i % 3 !== 0,
  bio: `bio of person ${i + 1}, somewhat longer than the other columns`,
  createdAt: new Date(start + i * 61_000),
  updatedAt: i % 2 ? new Date(start + i * 61_000 + 5000) : null,
  data: { tags: ["a", `t${i % 10}`], n: i }
}))

export const authors: ReadonlyArray<Author> = Array.from({ length: sizes.authors }, (_, i) => ({
  id: i + 1,
  name: `author ${i + 1}`,
  active: i % 4 !== 0
}))

export const posts: ReadonlyArray<Post> = Array.from({ length: sizes.authors * sizes.posts }, (_, i) => ({
  id: i + 1,
  authorId: 1 + (i % sizes.authors),
  title: `post ${i + 1}`,
  body: `body of post ${i + 1}`,
  views: (i * 7919) % 10_007,
  createdAt: new Date(start + i * 1000)
}))

export const changes: ReadonlyArray<Change> = items.map(({ id }, i) => ({ id, age: 100 + (i % 10), name: `upd ${i}` }))

/** Keys in an order that is the same in every run. */
export const pointIds: ReadonlyArray<number> = (() => {
  const ids: Array<number> = []
  for (let x = 12_345; ids.length < sizes.points; ) {
    x = (x * 1_103_515_245 + 12_345) & 0x7fffffff
    ids.push(1 + (x % sizes.items))
  }
  return ids
})()

export const parentIds: ReadonlyArray<number> = Array.from({ length: sizes.parents }, (_, i) => i * 7 + 1)

export const pageViews: ReadonlyArray<number> = Array.from({ length: sizes.pages }, (_, i) => 4000 + i)

export const tables: ReadonlyArray<string> = [
  `create table item (id integer primary key, name text not null, email text not null, age integer not null, score real not null, active integer not null, bio text not null, created_at integer not null, updated_at integer, data text not null)`,
  `create table author (id integer primary key, name text not null, active integer not null)`,
  `create table post (id integer primary key, author_id integer not null references author(id), title text not null, body text not null, views integer not null, created_at integer not null)`,
  `create index post_author on post(author_id)`,
  `create index post_views on post(views)`
]

export const pragmas = "pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on"

export const databases = ["sqlite", "postgres"] as const
export type Database = (typeof databases)[number]

/** As one writes them by hand for PostgreSQL. */
export const postgresTables: ReadonlyArray<string> = [
  `create table item (id int primary key, name text not null, email text not null, age int not null, score float8 not null, active boolean not null, bio text not null, created_at timestamptz not null, updated_at timestamptz, data jsonb not null)`,
  `create table author (id int primary key, name text not null, active boolean not null)`,
  `create table post (id int primary key, author_id int not null references author(id), title text not null, body text not null, views int not null, created_at timestamptz not null)`,
  `create index post_author on post(author_id)`,
  `create index post_views on post(views)`
]
