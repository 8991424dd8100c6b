// What the types of columns and models are; compiled by `npm run check`, never run.
import type * as Schema from "effect/Schema"
import type * as Column from "../../src/orm/Column.ts"
import type * as Model from "../../src/orm/Model.ts"
import { type Email, type Post, type PostTag, Tag, User } from "./models.ts"

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_ extends true>(): void => {}

type EmailAddress = typeof Email.Type
type ProfileValue = { readonly tags: ReadonlyArray<string>; readonly born: Date }
type ProfileJson = { readonly tags: ReadonlyArray<string>; readonly born: string }

// --- columns -------------------------------------------------------------------------------------------------------

holds<Same<typeof User.columns.id, Column.Column<number, number, "counter" | "key" | "readonly" | "default">>>()
holds<Same<typeof User.columns.password, Column.Column<string, string, "hidden">>>()
holds<Same<typeof User.columns.nickname, Column.Column<string | null, string | null, "nullable">>>()
holds<Same<typeof PostTag.columns.tagId, Column.Column<number, number, "key" | "readonly">>>()

// --- a model -------------------------------------------------------------------------------------------------------

holds<
  Same<
    typeof User.Row,
    {
      readonly id: number
      readonly email: EmailAddress
      readonly password: string
      readonly nickname: string | null
      readonly role: "admin" | "member"
      readonly credit: string
      readonly profile: ProfileValue | null
      readonly managerId: number | null
      readonly createdAt: Date
    }
  >
>()
holds<
  Same<
    typeof User.Insert,
    {
      readonly email: EmailAddress
      readonly password: string
      readonly id?: number
      readonly nickname?: string | null
      readonly role?: "admin" | "member"
      readonly credit?: string
      readonly profile?: ProfileValue | null
      readonly managerId?: number | null
      readonly createdAt?: Date
    }
  >
>()
holds<
  Same<
    typeof User.Update,
    {
      readonly email?: EmailAddress
      readonly password?: string
      readonly nickname?: string | null
      readonly role?: "admin" | "member"
      readonly credit?: string
      readonly profile?: ProfileValue | null
      readonly managerId?: number | null
    }
  >
>()
holds<
  Same<
    typeof User.Json,
    {
      readonly id: number
      readonly email: string
      readonly nickname: string | null
      readonly role: "admin" | "member"
      readonly credit: string
      readonly profile: ProfileJson | null
      readonly managerId: number | null
      readonly createdAt: string
    }
  >
>()
holds<Same<typeof User.Key, number>>()
holds<Same<typeof Post.Key, string>>()
holds<Same<typeof PostTag.Key, { readonly postId: string; readonly tagId: number }>>()
holds<Same<Model.Key<typeof Tag>, number>>()
holds<Same<(typeof Post.Json)["views"], string>>()
holds<Same<keyof typeof PostTag.Update, never>>()

// --- its Schemas ---------------------------------------------------------------------------------------------------

type TagRow = { readonly id: number; readonly label: string }
holds<Same<typeof Tag.schema.row, Schema.Codec<Model.Row<typeof Tag.columns>, Model.RowJson<typeof Tag.columns>>>>()
const row: Schema.Codec<TagRow, TagRow> = Tag.schema.row
const visible: Schema.Codec<Omit<typeof User.Row, "password">, typeof User.Json> = User.schema.json
const insert: Schema.Codec<
  { readonly label: string; readonly id?: number },
  { readonly label: string; readonly id?: number }
> = Tag.schema.insert
export const used = [row, visible, insert]

// @ts-expect-error a readonly column is not updated
export const update: typeof User.Update = { createdAt: new Date() }
// @ts-expect-error a hidden column is in no JSON
export type Hidden = (typeof User.Json)["password"]
