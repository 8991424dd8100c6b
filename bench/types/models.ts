/** Source text of models with 14 columns and 3 relations each, and of repositories that read and write them. */

const columns = `id: Column.Integer().primaryKey(),
  name: Column.Text({ max: 255 }).unique(),
  email: Column.Text().nullable(),
  password: Column.Text().hidden(),
  age: Column.Integer().default(0),
  score: Column.Float(),
  active: Column.Boolean().default(true),
  balance: Column.Decimal({ precision: 12, scale: 2 }).nullable(),
  token: Column.Uuid().index(),
  data: Column.Json(Schema.Struct({ tags: Schema.Array(Schema.String), n: Schema.Number })),
  kind: Column.Enum("a", "b", "c").default("a"),
  createdAt: Column.DateTime().default(Column.now).readonly(),`

/** The first model is at the root: it points nowhere. */
const parentOf = (i: number): number => Math.floor(i / 2)
const ownerOf = (i: number): number => (i * 7) % i

const key = (i: number, to: number): string =>
  i === 0 ? "Column.Integer().nullable()" : `Column.ForeignKey(() => Model${to}).index()`

const model = (i: number): string => `export const Model${i} = Model.make("model_${i}", {
  ${columns}
  parentId: ${key(i, parentOf(i))},
  ownerId: ${key(i, i === 0 ? 0 : ownerOf(i))}
})`

const relations = (
  i: number
): string => `export const parent${i} = Relation.belongsTo(Model${i}, "parentId", Model${parentOf(i)})
export const owner${i} = Relation.belongsTo(Model${i}, "ownerId", Model${ownerOf(i)})
export const children${i} = Relation.hasMany(Model${parentOf(i)}, Model${i}, "parentId")`

const use = (i: number): string => `const Rows${i} = Repository.make(Model${i})
export const insert${i} = (row: typeof Model${i}.Insert) => Rows${i}.insert(row)
export const find${i} = Rows${i}.find({ where: { name: "x", age: { gt: 1 } }, with: { parent: parent${i}, owner: owner${i} } })
export const with${i} = Repository.make(Model${parentOf(i)}).find({ with: { children: children${i}({ limit: 3 }) } })`

const each = (from: number, count: number, text: (i: number) => string): ReadonlyArray<string> =>
  Array.from({ length: count - from }, (_, i) => text(from + i))

const imports = ["Column", "Model", "Relation", "Repository"].map(
  (name) => `import * as ${name} from "@mortise/core/orm/${name}"`
)

/** `count` models with their relations; `queried` adds a repository of each with an insert and two finds. */
export const models = (count: number, queried: boolean): string =>
  [
    `import * as Schema from "effect/Schema"`,
    ...imports.slice(0, queried ? undefined : 3),
    ...each(0, count, model),
    ...each(1, count, relations),
    ...(queried ? each(1, count, use) : []),
    ""
  ].join("\n")
