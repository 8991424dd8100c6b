/** Configuration of an app: where it is read from, what it is, and how it changes. */
export * as ConfigSources from "./ConfigSources.ts"
