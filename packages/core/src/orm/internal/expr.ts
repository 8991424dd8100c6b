import type { ColumnType } from "../ColumnType.ts"
import * as types from "../ColumnType.ts"
import type { Arithmetic, Comparison, Expr, Expression, Order } from "../Expression.ts"
import type { SelectNode } from "../QueryNode.ts"
import type { Typed } from "./field.ts"

/** A type that belongs to no column. */
export const typedAs = (type: ColumnType, nullable = false): Typed => ({
  type,
  nullable,
  codec: undefined,
  of: { table: "", column: "the expression" }
})

const boolean = typedAs(types.boolean)
const text = typedAs(types.text)

/** What stands on the right of an operator becomes a node of the left side's type. */
const rightOf = (left: Expression, right: unknown, list = false): Expression => {
  if (!(right instanceof ExprImpl)) return { _tag: "value", value: right, list, typed: left.typed }
  const { node } = right
  return node._tag === "slot" && node.typed === undefined ? { ...node, list, typed: left.typed } : node
}

/** A slot that stands on the left takes the type of the right side. */
const leftOf = (left: Expression, right: Expression): Expression =>
  left._tag === "slot" && left.typed === undefined ? { ...left, typed: right.typed } : left

export class ExprImpl<T> implements Expr<T> {
  declare readonly "~T": T
  readonly node: Expression
  constructor(node: Expression) {
    this.node = node
  }
  private compare(operator: Comparison, other: unknown): Expr<boolean> {
    const right = rightOf(this.node, other)
    return new ExprImpl({ _tag: "compare", operator, left: leftOf(this.node, right), right, typed: boolean })
  }
  private calculate(operator: Arithmetic, other: unknown): Expr<T> {
    const right = rightOf(this.node, other)
    const left = leftOf(this.node, right)
    return new ExprImpl({ _tag: "arithmetic", operator, left, right, typed: left.typed })
  }
  eq(other: unknown) {
    return this.compare("=", other)
  }
  ne(other: unknown) {
    return this.compare("<>", other)
  }
  lt(other: unknown) {
    return this.compare("<", other)
  }
  lte(other: unknown) {
    return this.compare("<=", other)
  }
  gt(other: unknown) {
    return this.compare(">", other)
  }
  gte(other: unknown) {
    return this.compare(">=", other)
  }
  in(list: unknown): Expr<boolean> {
    const select = (list as { readonly node?: SelectNode }).node
    if (select !== undefined && select._tag === "select") {
      return new ExprImpl({ _tag: "inSelect", of: this.node, select, typed: boolean, feature: "subquery" })
    }
    return new ExprImpl({ _tag: "in", of: this.node, list: rightOf(this.node, list, true), typed: boolean })
  }
  like(pattern: unknown): Expr<boolean> {
    const node = rightOf({ ...this.node, typed: text } as Expression, pattern)
    return new ExprImpl({ _tag: "like", of: this.node, pattern: node, typed: boolean })
  }
  isNull(): Expr<boolean> {
    return new ExprImpl({ _tag: "isNull", of: this.node, typed: boolean })
  }
  isNotNull(): Expr<boolean> {
    return new ExprImpl({ _tag: "not", of: this.isNull().node, typed: boolean })
  }
  plus(other: unknown) {
    return this.calculate("+", other)
  }
  minus(other: unknown) {
    return this.calculate("-", other)
  }
  times(other: unknown) {
    return this.calculate("*", other)
  }
  asc(): Order {
    return { expression: this.node, descending: false }
  }
  desc(): Order {
    return { expression: this.node, descending: true }
  }
}

/** A node for a value that may be an expression already. */
export const operand = (value: unknown, typed: Typed): Expression =>
  rightOf({ _tag: "value", value: undefined, list: false, typed }, value)
