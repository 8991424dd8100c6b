/** Writes expressions as text, and collects the values that go with it. */
import type { Expression, Typed } from "@mortise/core/orm/Expression"
import { QueryInvalid, UnsupportedFeature } from "@mortise/core/orm/OrmError"
import type { SelectNode } from "@mortise/core/orm/QueryNode"
import type { Dialect } from "../Dialect.ts"
import type { Codecs } from "./codecs.ts"
import type { InputValue } from "./generate.ts"
import { selectText } from "./select.ts"

/** Deeper expressions are somebody's attack on the stack. */
const maxDepth = 500

const fail = (problem: string): never => {
  throw new QueryInvalid({ problem })
}

export class Rendering {
  readonly dialect: Dialect
  readonly inputs: Array<InputValue> = []
  readonly #codecs: Codecs
  readonly #before: number
  #depth = 0

  /** `before` values go ahead of those that are collected here. */
  constructor(codecs: Codecs, before = 0) {
    this.#codecs = codecs
    this.#before = before
    this.dialect = codecs.dialect
  }

  /** A node's feature must be known here. */
  needs(feature: string): void {
    if (!this.dialect.features.has(feature)) throw new UnsupportedFeature({ feature, dialect: this.dialect.name })
  }

  name(name: string): string {
    return this.dialect.identifier(name)
  }

  /** A value or a slot. `orNull`: null may be given. */
  private input(node: Expression & { readonly _tag: "slot" | "value" }, orNull: boolean): string {
    const { list, typed } = node
    if (typed === undefined) {
      return fail(`a ${node._tag} stands where nothing says what type it has; compare it with a column`)
    }
    if (node._tag === "value" && node.value === undefined) return fail(`a value for "${typed.of.column}" is undefined`)
    const source = node._tag === "slot" ? { slot: node.name } : { constant: node.value }
    this.inputs.push({ source, typed, codec: this.#codecs.input(typed, list, orNull) })
    return this.dialect.placeholder(this.#before + this.inputs.length - 1, typed, list)
  }

  /** The mark for a value that is filled in by the caller. */
  mark(index: number, typed: Typed): string {
    return this.dialect.placeholder(index, typed, false)
  }

  /** Where something is stored, null may be. */
  assigned(node: Expression, nullable: boolean): string {
    return node._tag === "slot" || node._tag === "value" ? this.input(node, nullable) : this.expression(node)
  }

  select(node: SelectNode): string {
    return selectText(this, node)
  }

  expression(node: Expression): string {
    if (++this.#depth > maxDepth) return fail(`it is deeper than ${maxDepth}`)
    const text = this.write(node)
    this.#depth--
    return text
  }

  private write(node: Expression): string {
    switch (node._tag) {
      case "column":
        return `${this.name(node.source)}.${this.name(node.field.name)}`
      case "slot":
      case "value":
        return this.input(node, false)
      case "compare":
        this.comparable(node.left, node.operator)
        return `${this.expression(node.left)} ${node.operator} ${this.expression(node.right)}`
      case "arithmetic": {
        const left = this.expression(node.left)
        return this.dialect.arithmetic(node.operator, left, this.expression(node.right), node.typed)
      }
      case "like":
        return this.dialect.like(this.expression(node.of), this.expression(node.pattern))
      case "isNull":
        return `${this.expression(node.of)} is null`
      case "in": {
        this.comparable(node.of, "=")
        const of = this.expression(node.of)
        const { typed } = node.of
        if (typed === undefined) return fail("nothing says what the list holds")
        if (node.list._tag !== "slot" && node.list._tag !== "value") return fail("`in` takes a list")
        return this.dialect.inList(of, this.input(node.list, false), typed)
      }
      case "inSelect":
        this.needs(node.feature)
        if (node.select.columns.length !== 1) return fail("`in` takes a select of one column")
        return `${this.expression(node.of)} in (${this.select(node.select)})`
      case "and":
      case "or":
        if (node.items.length === 0) return node._tag === "and" ? "1 = 1" : "1 = 0"
        return `(${node.items.map((item) => this.expression(item)).join(` ${node._tag} `)})`
      case "not":
        return `not (${this.expression(node.of)})`
      case "aggregate":
        this.needs(node.feature)
        return this.aggregate(node)
      case "invalid":
        return fail(node.problem)
    }
  }

  private comparable(node: Expression, operator: string): void {
    const { typed } = node
    if (typed === undefined) return
    const { kind } = typed.type
    if (kind === "json") fail(`"${typed.of.column}" is JSON, which is compared with nothing`)
    const equal = operator === "=" || operator === "<>"
    if (!equal && !this.dialect.ordered.has(kind)) fail(`"${typed.of.column}" has no order`)
  }

  private aggregate({ distinct, function: name, of }: Expression & { readonly _tag: "aggregate" }): string {
    const kind = of?.typed?.type.kind
    if ((name === "sum" || name === "avg") && !summable.has(kind ?? "")) fail(`${name} is for numbers`)
    if ((name === "min" || name === "max") && (kind === undefined || !this.dialect.ordered.has(kind))) {
      fail(`${name} is for what has an order`)
    }
    const inner = of === undefined ? undefined : `${distinct ? "distinct " : ""}${this.expression(of)}`
    return this.dialect.aggregate(name, inner, of?.typed?.type)
  }
}

const summable = new Set(["integer", "bigInteger", "float", "decimal"])
