/**
 * What a template says about itself: the type of the value that `template.ts`, at the root of a template's folder,
 * exports as its default. Plain data, so that it can be shipped as JSON, shown before anything runs and checked.
 */

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/**
 * Where an answer is written into the template's files. A place that does not exist is an error that names the file:
 * a question whose answer goes nowhere is worse than no question.
 */
export type Place =
  /** The value at this path of a JSON file: `{ file: "config.json", json: ["http", "port"] }`. The rest of the text stays. */
  | { readonly file: string; readonly json: ReadonlyArray<string | number> }
  /**
   * The initializer of an `export const` of a TypeScript file, or a value inside it: `{ file: "src/config.ts", constant:
   * "config", path: ["http", "port"] }` is `7420` in `export const config = { http: { port: 7420 } }`.
   */
  | { readonly file: string; readonly constant: string; readonly path?: ReadonlyArray<string | number> }
  /** Every whole-word occurrence of the answer's default in a text file: `{ file: "README.md", text: true }`. */
  | { readonly file: string; readonly text: true }

interface AnswerBase {
  /** Name of the answer in `.mortise/lock.json`, in conditions and in `args`; camelCase, unique in the template. */
  readonly name: string
  /** The command-line flag without its dashes; kebab-case. Two templates may share a flag when they mean the same. */
  readonly flag: string
  /** The question, as it is asked: "Port of the web page?". */
  readonly question: string
  readonly places?: ReadonlyArray<Place>
}

/** A question of the template. Every one has a flag and a default, so that no run has to stop for it. */
export type Answer =
  /** A TCP port, 0 to 65535; 0 lets the system choose. */
  | (AnswerBase & { readonly kind: "port"; readonly default: number })
  /** One line of text; `pattern` is a regular expression (without slashes) that the whole value has to match. */
  | (AnswerBase & { readonly kind: "text"; readonly default: string; readonly pattern?: string })
  | (AnswerBase & { readonly kind: "choice"; readonly default: string; readonly choices: ReadonlyArray<string> })
  /** Yes or no; as a flag `--x` and `--no-x`. */
  | (AnswerBase & { readonly kind: "confirm"; readonly default: boolean })

/** Holds when the answer of this name has this value. */
export interface Condition {
  readonly answer: string
  readonly is: string | number | boolean
}

/** One argument of `Plugin.compose` in `src/app.ts`. */
export interface PluginUse {
  /** Module specifier: a package (`@mortise/transport-socket`) or a file as seen from the app file (`./chat/plugin.ts`). */
  readonly from: string
  /** Name of the export; `import * as` is not needed here. */
  readonly name: string
  /**
   * Left out: the value is a plugin as it stands (`chat`). Given: it is called with these arguments (`[]` gives
   * `tcp()`). `{ answer: "tcpPort" }` at any depth is replaced by that answer.
   */
  readonly args?: ReadonlyArray<Json>
  readonly when?: Condition
  /** Comment lines above the argument. */
  readonly comment?: string
}

/** One key of a plugin's section of the configuration, and the environment variable that sets it. */
export interface ConfigEntry {
  /** Dotted path in `config` of `src/config.ts`, which begins with the plugin's name: `sqlite.file`. */
  readonly path: string
  /** The environment variable: `SQLITE_FILE`. */
  readonly env: string
  readonly type: "string" | "number" | "integer" | "boolean"
  /** What holds when the variable is not set; left out: the user has to set it. */
  readonly default?: string | number | boolean
  /** One line, for `.env.example`. */
  readonly doc: string
  /** A password or a key: `.env.example` never shows its default. */
  readonly secret?: boolean
}

/** An entry of `Plugin.compose` that comes with a part. */
export interface PartPluginUse extends PluginUse {
  /** Takes the place of the entry with this export name, which the app or an earlier part has; else it comes last. */
  readonly replaces?: string
}

/**
 * What an app has because of the plugins that were chosen for it: whole files and whole entries of lists, never holes in
 * files. `create --with`, `add` and `remove` bring and take it.
 */
export interface Part {
  /**
   * Names of plugins as `add` takes them: `["orm", "tasks"]`. The part comes when the app has all of them. A name stands for
   * what its plugin provides: an app with `postgres` has `orm` too, if `orm` is another name of `sqlite`.
   */
  readonly with: readonly [string, ...ReadonlyArray<string>]
  /** … and none of these. */
  readonly without?: ReadonlyArray<string>
  /**
   * Files and folders (with a trailing slash) that an app has only with this part; one that several parts name comes with
   * any of them. `{ from, to }` is a variant of another file: it takes that one's place and name. Both lie in one folder, and
   * imports of `from` in the template's files become imports of `to`. Of two variants the later part's counts.
   */
  readonly files?: ReadonlyArray<string | { readonly from: string; readonly to: string }>
  /** Files and folders of the rest that an app with this part does not have. */
  readonly drops?: ReadonlyArray<string>
  readonly plugins?: ReadonlyArray<PartPluginUse>
  /** Names in the template's `package.json`, of `scripts` and of both kinds of dependencies, that come only with this part. */
  readonly scripts?: ReadonlyArray<string>
  readonly dependencies?: ReadonlyArray<string>
  /** Configuration of the part's own plugins; that of the chosen plugins comes with them. */
  readonly config?: ReadonlyArray<ConfigEntry>
  /** Shown with the template's own `next`. */
  readonly next?: ReadonlyArray<{ readonly command: string; readonly purpose: string }>
}

/** The composition root, which the generator writes itself: imports and one `Plugin.compose(...)`. */
export interface AppFile {
  /** Default: `src/app.ts`. */
  readonly file?: string
  /** Name of the exported constant; default: `app`. */
  readonly export?: string
  /** Docstring of the constant. */
  readonly doc?: string
  readonly plugins: readonly [PluginUse, ...ReadonlyArray<PluginUse>]
}

export interface TemplateManifest {
  /** The folder's name. */
  readonly name: string
  /** One line for the list of templates. */
  readonly summary: string
  /**
   * The name, in kebab-case, that stands for the app's name wherever it occurs; default `mortise-app`. It is renamed in
   * four styles: `mortise-app`, `MortiseApp`, `mortiseApp` and `MORTISE_APP`, also as a part of a longer name
   * (`MortiseAppError`, `mortise-app-data`). In TypeScript identifiers are renamed by symbol; strings, comments, other
   * text files and the names of files by word.
   */
  readonly sentinel?: string
  readonly answers: ReadonlyArray<Answer>
  readonly app: AppFile
  /** Files and folders (with a trailing slash) that are created only when a condition holds. */
  readonly conditions?: ReadonlyArray<{ readonly path: string; readonly when: Condition }>
  /** What comes with plugins that are chosen for the app; without any of them the app has the rest. */
  readonly parts?: ReadonlyArray<Part>
  /**
   * Files and folders (with a trailing slash) of the template that an app does not get. Never copied, whatever stands
   * here: `template.ts`, `node_modules/`, `dist/`, `coverage/`, `CHANGELOG.md`, lock files, `*.tsbuildinfo`, `.env`.
   */
  readonly omit?: ReadonlyArray<string>
  /** Shown when the app stands, after the commands that every app has. */
  readonly next?: ReadonlyArray<{ readonly command: string; readonly purpose: string }>
}
