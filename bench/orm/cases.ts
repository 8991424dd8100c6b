/** The query classes: what is measured, and what must be true after it. */
import assert from "node:assert/strict"
import {
  authors,
  changes,
  type Database,
  databases,
  items,
  pageViews,
  parentIds,
  pointIds,
  posts,
  type Subject,
  sizes
} from "./shared.ts"

export interface Case {
  readonly name: string
  readonly database: Database
  readonly before: (subject: Subject) => unknown
  readonly run: (subject: Subject) => unknown
  readonly check: (subject: Subject, result: unknown) => unknown
}

const filled = async (subject: Subject): Promise<void> => {
  await subject.clear()
  await subject.insertMany(items)
}

const ages = pointIds.reduce((sum, id) => sum + (items[id - 1]?.age ?? 0), 0)

const families = parentIds.map((id) => ({ ...authors[id - 1], posts: posts.filter(({ authorId }) => authorId === id) }))

const lastPage = posts
  .filter(({ authorId, views }) => views > (pageViews.at(-1) as number) && authors[authorId - 1]?.active === true)
  .toSorted((a, b) => b.views - a.views || a.id - b.id)
  .slice(40, 60)
  .map(({ authorId, id, title, views }) => ({ id, title, views, authorName: authors[authorId - 1]?.name }))

/** Rows of node:sqlite have no prototype. */
const plain = (value: unknown): unknown => (value as ReadonlyArray<object>).map((row) => ({ ...row }))

const classes: ReadonlyArray<Omit<Case, "database">> = [
  {
    name: "Q1-insert",
    before: (subject) => subject.clear(),
    run: (subject) => subject.insertEach(items),
    check: async (subject) => assert.deepEqual(await subject.byId(7777), items[7776])
  },
  {
    name: "Q2-bulk",
    before: (subject) => subject.clear(),
    run: (subject) => subject.insertMany(items),
    check: async (subject) => assert.deepEqual(await subject.byId(4242), items[4241])
  },
  {
    name: "Q3-point",
    before: filled,
    run: (subject) => subject.points(pointIds),
    check: (_, sum) => assert.equal(sum, ages)
  },
  {
    name: "Q4-decode",
    before: filled,
    run: (subject) => subject.lists(sizes.list, sizes.lists),
    check: (_, rows) => assert.deepEqual(rows, items.slice(0, sizes.list))
  },
  {
    name: "Q5-children",
    before: () => undefined,
    run: (subject) => subject.families(parentIds, sizes.families),
    check: (_, found) => assert.deepEqual(found, families)
  },
  {
    name: "Q6-update",
    before: filled,
    run: (subject) => subject.updateEach(changes),
    check: async (subject) => assert.deepEqual(await subject.byId(17), { ...items[16], age: 106, name: "upd 16" })
  },
  {
    name: "Q7-join",
    before: () => undefined,
    run: (subject) => subject.pages(pageViews),
    check: (_, rows) => assert.deepEqual(plain(rows), lastPage)
  }
]

export const cases: ReadonlyArray<Case> = databases.flatMap((database) =>
  classes.map((one) => ({ ...one, database, name: `${database}/${one.name}` }))
)
