import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { docsArguments } from "../../scripts/docsArguments.ts"
import { checkHtml } from "../../site/src/checkHtml.ts"
import { brokenLinks, makeParser, type Parsed } from "../../site/src/checkLinks.ts"
import { makeSite, resolve } from "../../site/src/links.ts"
import { sections, unlisted } from "../../site/src/navigation.ts"
import { pages, read } from "../../site/src/pages.ts"

const site = makeSite()

describe("links between files become links between pages", () => {
  it.each([
    [
      "contract-guide",
      "plugin-guide.md#adding-to-others",
      { kind: "page", route: "plugin-guide", anchor: "adding-to-others" }
    ],
    ["contract-guide", "../packages/core/README.md", { kind: "page", route: "packages/core", anchor: undefined }],
    ["contract-guide", "../packages/core", { kind: "page", route: "packages/core", anchor: undefined }],
    ["contract-guide", "decisions/README.md", { kind: "page", route: "decisions/index", anchor: undefined }],
    ["repository/readme", "docs/README.md", { kind: "page", route: "contents", anchor: undefined }],
    ["contract-guide", "#x", { kind: "page", route: "contract-guide", anchor: "x" }],
    [
      "contract-guide",
      "../packages/core/src/app/Plugin.ts",
      { kind: "page", route: "api/core/app/Plugin", anchor: undefined }
    ],
    ["repository/readme", "LICENSE", { kind: "source" }],
    ["contract-guide", "https://example.com", { kind: "outside" }],
    ["contract-guide", "no.md", { kind: "missing", file: "docs/no.md" }]
  ])("from %s: %s", (route, href, target) => {
    expect(resolve(site, route, href)).toEqual(target)
  })
})

describe("a broken link", () => {
  let parse: (text: string) => Parsed
  beforeAll(async () => {
    parse = await makeParser()
  })
  const problems = (route: string, text: string) => {
    const here = parse(text)
    const there = parse("# There\n\n## Twice\n\n## Twice\n\n## With `code`, and more\n")
    const anchorsOf = (to: string) => (to === route ? here.anchors : to === "wire" ? there.anchors : undefined)
    return brokenLinks(site, route, here.links, anchorsOf).map(
      ({ file, line, message }) => `${file}:${line}: ${message}`
    )
  }

  it("is told by file and line, wherever it stands", () => {
    const text = [
      "# Here",
      "",
      "A paragraph whose",
      "[link](wire.md) is good, and",
      "[this](gone.md) one is not.",
      "",
      "| a | b |",
      "|---|---|",
      "| x | [y](#nowhere) |",
      "",
      "- one",
      "  ![picture](gone.png)",
      "",
      "[by name][name]",
      "",
      "[name]: gone.md"
    ].join("\n")
    expect(problems("contract-guide", text)).toEqual([
      "docs/contract-guide.md:5: the link gone.md leads nowhere: there is no docs/gone.md",
      "docs/contract-guide.md:9: the link #nowhere leads nowhere: docs/contract-guide.md has no #nowhere",
      "docs/contract-guide.md:12: the link gone.png leads nowhere: there is no docs/gone.png",
      "docs/contract-guide.md:14: the link gone.md leads nowhere: there is no docs/gone.md"
    ])
  })

  it("may be one in anchors only: those of code hosts", () => {
    const links = ["there", "twice", "twice-1", "with-code-and-more", "Twice", "twice-2"].map(
      (to) => `[x](wire.md#${to})`
    )
    expect(problems("contract-guide", links.join("\n"))).toEqual([
      "docs/contract-guide.md:5: the link wire.md#Twice leads nowhere: docs/wire.md has no #Twice",
      "docs/contract-guide.md:6: the link wire.md#twice-2 leads nowhere: docs/wire.md has no #twice-2"
    ])
  })

  it("is found in READMEs, decisions and the reference", () => {
    expect(problems("packages/core", "[x](../../docs/gone.md)")).toHaveLength(1)
    expect(problems("decisions/0001-effect-4", "\n[x](0099-gone.md)")).toEqual([
      "docs/decisions/0001-effect-4.md:2: the link 0099-gone.md leads nowhere: there is no docs/decisions/0099-gone.md"
    ])
    expect(problems("api/core/app/Plugin", "---\nreference: true\n---\n\n[x](/api/core/gone.md)")).toEqual([
      "api/core/app/Plugin.md of the reference:5: the link /api/core/gone.md leads nowhere: there is no such page"
    ])
  })

  it("is none where code or another site is meant", () => {
    expect(problems("contract-guide", "`[x](gone.md)` [y](https://example.com)\n\n```md\n[x](gone.md)\n```")).toEqual(
      []
    )
  })

  it("is found in what the browser gets", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "mortise-site-"))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await mkdir(path.join(folder, "guide"))
    await writeFile(
      path.join(folder, "index.html"),
      `<h1 id="top"></h1><a href="/guide/a.html#b">1</a><a href="/guide/a.html#c">2</a><a href="guide/gone">3</a>`
    )
    await writeFile(
      path.join(folder, "guide/a.html"),
      `<h1 id="b"></h1><a href="../#top">1</a><a href="https://example.com">2</a><img src="/no.svg">`
    )
    expect(
      checkHtml(folder)
        .map(({ file, message }) => `${file}: ${message}`)
        .toSorted()
    ).toEqual([
      "guide/a.html: the link /no.svg leads nowhere: there is no no.svg",
      "index.html: the link /guide/a.html#c leads nowhere: guide/a.html has no #c",
      "index.html: the link guide/gone leads nowhere: there is no guide/gone"
    ])
  })
})

describe("the navigation", () => {
  const listed = sections(read("docs/README.md"))

  it("has the sections of docs/README.md, and every page in one of them", () => {
    expect(listed.map(({ title }) => title)).toEqual(["Start", "Guides", "Operations", "Reference"])
    const missing = unlisted(pages(), listed).map(({ file }) => `${file} has no row in docs/README.md`)
    expect(missing).toEqual([])
  })

  it("would tell a page that is in none", () => {
    const page = { file: "docs/new.md", route: "new" }
    expect(unlisted([page, { file: "docs/decisions/0001-a.md", route: "decisions/0001-a" }], listed)).toEqual([page])
  })

  it("lists only what is there", () => {
    const known = new Set(pages().map(({ file }) => file))
    expect(listed.flatMap(({ files }) => files).filter((file) => !known.has(file))).toEqual([])
  })

  it("gives every page an address of its own", () => {
    const routes = pages().map(({ route }) => route.toLowerCase())
    expect(routes.filter((route, i) => routes.indexOf(route) !== i)).toEqual([])
  })
})

describe("npm run docs", () => {
  it.each([
    [[], { tests: true, serve: false, port: 0 }],
    [["--site"], { tests: false, serve: false, port: 0 }],
    [["--serve"], { tests: false, serve: true, port: 0 }],
    [["--serve", "--port", "8080"], { tests: false, serve: true, port: 8080 }],
    [["--port=8080", "--serve"], { tests: false, serve: true, port: 8080 }]
  ])("understands %j", (args, expected) => {
    expect(docsArguments(args)).toEqual(expected)
  })

  it.each([
    [["--watch"], `there is no "--watch"`],
    [["wire"], `there is no "wire"`],
    [["--serve", "--port"], "--port takes a number from 0 to 65535, not nothing"],
    [["--serve", "--port", "70000"], `--port takes a number from 0 to 65535, not "70000"`],
    [["--port", "80"], "--port goes with --serve"]
  ])("refuses %j in words", (args, words) => {
    expect(() => docsArguments(args)).toThrow(`${words}. Usage: npm run docs [-- --site | --serve [--port N]]`)
  })
})
