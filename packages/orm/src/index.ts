export * as Sqlite from "./Sqlite.ts"
