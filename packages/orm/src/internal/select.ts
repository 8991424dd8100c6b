import type { Order } from "@mortise/core/orm/Expression"
import { QueryInvalid } from "@mortise/core/orm/OrmError"
import type { SelectNode, Source } from "@mortise/core/orm/QueryNode"
import type { Rendering } from "./Rendering.ts"

const source = (at: Rendering, { alias, model }: Source): string =>
  alias === model.name ? at.name(model.name) : `${at.name(model.name)} as ${at.name(alias)}`

/** Whether an expression may be null: a column that must not be is, where its row of a left join is missing. */
const orNull = ({ joins }: SelectNode, { expression }: Order): boolean =>
  expression._tag !== "column" ||
  expression.field.nullable ||
  joins.some(({ alias, kind }) => kind === "left" && alias === expression.source)

const orderText = (at: Rendering, node: SelectNode): string =>
  node.orderBy.map((order) => at.dialect.order(at.expression(order.expression), order, orNull(node, order))).join(", ")

/** Everything between the columns and the order. */
const body = (at: Rendering, node: SelectNode): string => {
  let text = ` from ${source(at, node.from)}`
  for (const join of node.joins) {
    at.needs(join.feature)
    text += ` ${join.kind} join ${source(at, join)} on ${at.expression(join.on)}`
  }
  if (node.where !== undefined) text += ` where ${at.expression(node.where)}`
  if (node.groupBy.length > 0) text += ` group by ${node.groupBy.map((by) => at.expression(by)).join(", ")}`
  if (node.having !== undefined) text += ` having ${at.expression(node.having)}`
  return text
}

/** Numbers the rows of each group and keeps the first ones. */
const grouped = (at: Rendering, node: SelectNode, columns: string): string => {
  const { perGroup } = node
  if (perGroup === undefined) return columns + body(at, node)
  at.needs(perGroup.feature)
  if (node.groupBy.length > 0 || node.distinct)
    throw new QueryInvalid({ problem: "a limit per group excludes grouping" })
  const order = node.orderBy.length === 0 ? "" : ` order by ${orderText(at, node)}`
  const number = `row_number() over (partition by ${at.expression(perGroup.by)}${order})`
  const names = node.columns.map((_, i) => at.name(`c${i}`))
  const inner = `select ${columns}, ${number} as ${at.name("n")}${body(at, node)}`
  return `${names.join(", ")} from (${inner}) as ${at.name("numbered")} where ${at.name("n")} <= ${at.expression(perGroup.limit)} order by ${at.name("n")}`
}

export const selectText = (at: Rendering, node: SelectNode): string => {
  if (node.columns.length === 0) throw new QueryInvalid({ problem: "it selects no column" })
  const aliased = node.perGroup !== undefined
  const columns = node.columns
    .map(({ expression }, i) => at.expression(expression) + (aliased ? ` as ${at.name(`c${i}`)}` : ""))
    .join(", ")
  let text = `select ${node.distinct ? "distinct " : ""}${grouped(at, node, columns)}`
  if (!aliased && node.orderBy.length > 0) text += ` order by ${orderText(at, node)}`
  const limit = node.limit === undefined ? (node.result === "first" ? "1" : undefined) : at.expression(node.limit)
  const offset = node.offset === undefined ? undefined : at.expression(node.offset)
  text += at.dialect.limit(limit, offset)
  if (node.lock !== undefined) {
    at.needs(node.lock.feature)
    text += at.dialect.lock(node.lock, node.from.alias)
  }
  return text
}
