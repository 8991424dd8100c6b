/** Configuration of an app: where it is read from, what it is, and how it changes. */
export * as ConfigCommand from "./ConfigCommand.ts"
export * as ConfigReport from "./ConfigReport.ts"
export * as ConfigSources from "./ConfigSources.ts"
