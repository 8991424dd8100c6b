/**
 * Relations: values that stand beside models, so that models know nothing of each other and any package may relate its
 * models to those of another. They are loaded by `with`, at most one query for each relation and level, or one by one with
 * `Repository.load`, which asks once for all fibers that ask together.
 *
 * @example
 * const posts = Relation.hasMany(User, Post, "authorId")
 * const tags = Relation.manyToMany(Post, Tag, { through: PostTag, from: "postId", to: "tagId" })
 * const users = yield* Users.find({ with: { posts: posts({ where: { draft: false }, limit: 3, with: { tags } }) } })
 * users[0].posts[0].tags[0].label
 */
import { relation } from "./internal/relation.ts"
import type { Any as AnyModel, Columns, Model, Row } from "./Model.ts"
import type { Where } from "./Where.ts"

/** The property by which to sort, the smallest first, or last with `desc`. Null is smaller than every value. */
export type OrderBy<C extends Columns> = ReadonlyArray<(keyof C & string) | { readonly desc: keyof C & string }>

export type Kind = "one" | "maybe" | "many"
type Result<K extends Kind, A> = K extends "many" ? ReadonlyArray<A> : K extends "maybe" ? A | null : A

/** What an interpreter of relations reads. */
export interface RelationData {
  readonly kind: Kind
  readonly from: AnyModel
  readonly to: AnyModel
  /** The property of `from` whose value is looked for, */
  readonly fromProperty: string
  /** and the one of `to`, or of the model between, where it is found. */
  readonly toProperty: string
  readonly through: { readonly model: AnyModel; readonly toProperty: string } | undefined
}

/** A relation with what of it to load. `From` is the name of the model that has it. */
export interface Load<out From extends string, out A> {
  readonly relation: RelationData
  readonly options: LoadOptions<Columns, With<string>>
  readonly "~types": { readonly from: From; readonly result: A }
}

/** Relations to load, under the names that they get in the result. */
export interface With<From extends string> {
  readonly [name: string]: Load<From, unknown>
}

type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** A row with its relations. */
export type Loaded<R, W> = {} extends W
  ? R
  : Simplify<R & { readonly [K in keyof W]: W[K] extends Load<string, infer A> ? A : never }>

export interface LoadOptions<C extends Columns, W> {
  readonly where?: Where<C>
  readonly orderBy?: OrderBy<C>
  /** For each row that has the relation. */
  readonly limit?: number
  readonly with?: W
}

export interface Relation<From extends string, To extends string, C extends Columns, K extends Kind>
  extends Load<From, Result<K, Row<C>>> {
  /** Says what of it to load. A filter, an order and a limit are for relations to many. */
  <const W extends With<To> = {}>(
    options: K extends "many" ? LoadOptions<C, W> : Pick<LoadOptions<C, W>, "with">
  ): Load<From, Result<K, Loaded<Row<C>, W>>>
}

/** Properties of `C` whose value has the type of the key. */
type PointsTo<C extends Columns, Key> = {
  [P in keyof C & string]: NonNullable<C[P]["~types"]["type"]> extends Key ? P : never
}[keyof C & string]

/** The row that a foreign key of this model points to; null where the foreign key may be null. */
export const belongsTo = <
  From extends string,
  FC extends Columns,
  To extends string,
  TC extends Columns,
  const P extends PointsTo<FC, Model<To, TC>["Key"]>
>(
  from: Model<From, FC>,
  property: P,
  to: Model<To, TC>
): Relation<From, To, TC, null extends FC[P]["~types"]["type"] ? "maybe" : "one"> =>
  relation({
    kind: from.field(property)?.nullable === true ? "maybe" : "one",
    from,
    to,
    fromProperty: property,
    toProperty: to.key[0]?.property ?? "",
    through: undefined
  })

const pointedBy = <F extends string, T extends string, C extends Columns, K extends Kind>(
  kind: K,
  from: AnyModel,
  to: AnyModel,
  toProperty: string
): Relation<F, T, C, K> =>
  relation({ kind, from, to, fromProperty: from.key[0]?.property ?? "", toProperty, through: undefined })

/** The rows of another model whose foreign key points here. */
export const hasMany = <From extends string, FC extends Columns, To extends string, TC extends Columns>(
  from: Model<From, FC>,
  to: Model<To, TC>,
  property: PointsTo<TC, Model<From, FC>["Key"]>
): Relation<From, To, TC, "many"> => pointedBy("many", from, to, property)

/** The only row of another model whose foreign key, which is unique, points here; null without one. */
export const hasOne = <From extends string, FC extends Columns, To extends string, TC extends Columns>(
  from: Model<From, FC>,
  to: Model<To, TC>,
  property: PointsTo<TC, Model<From, FC>["Key"]>
): Relation<From, To, TC, "maybe"> => pointedBy("maybe", from, to, property)

/** Rows of another model that a third one, between them, connects with this. */
export const manyToMany = <
  From extends string,
  FC extends Columns,
  To extends string,
  TC extends Columns,
  BC extends Columns
>(
  from: Model<From, FC>,
  to: Model<To, TC>,
  by: {
    readonly through: Model<string, BC>
    readonly from: PointsTo<BC, Model<From, FC>["Key"]>
    readonly to: PointsTo<BC, Model<To, TC>["Key"]>
  }
): Relation<From, To, TC, "many"> =>
  relation({
    kind: "many",
    from,
    to,
    fromProperty: from.key[0]?.property ?? "",
    toProperty: by.from,
    through: { model: by.through, toProperty: by.to }
  })
