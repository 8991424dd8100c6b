/** Names of constraints that follow from what they are about, so that they can be changed without asking the database. */
import { fitName } from "@mortise/core/orm/Table"

export const primaryKeyName = (table: string): string => fitName(`${table}_pkey`)
export const foreignKeyName = (table: string, column: string): string => fitName(`${table}_${column}_fkey`)
export const checkName = (table: string, column: string): string => fitName(`${table}_${column}_check`)
