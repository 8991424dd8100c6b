/** The first page, put together from the README: its example and its figures are tested and measured there. */
import { read } from "./pages.ts"

/** The part of a text below a heading, up to the next of the same level. */
const sectionOf = (text: string, heading: string): string => {
  const part = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  if (part === undefined)
    throw new Error(`README.md has no section "${heading}", which the first page of the site shows`)
  return part.slice(heading.length).trim()
}

const frontmatter = {
  layout: "home",
  titleTemplate: "a TypeScript framework for programs that talk",
  hero: {
    name: "Mortise",
    text: "for programs that talk",
    tagline:
      "Chat servers, device links, bots, back ends with live clients. Write down once what may be said; choose transports, wires and services later; the compiler proves that they fit.",
    image: { src: "/mortise.svg", alt: "two timbers, joined" },
    actions: [
      { theme: "brand", text: "Quick start", link: "/quick-start" },
      { theme: "alt", text: "Concepts", link: "/concepts" },
      { theme: "alt", text: "API", link: "/api/" }
    ]
  },
  features: [
    {
      title: "One contract",
      details:
        "Requests, events, streams and relays are one value. Handlers, clients, checks and documents follow from it.",
      link: "/contract-guide"
    },
    {
      title: "Parts that fit",
      details:
        "An app is a list of plugins. While one lacks another, it does not compile, and a sentence says what is missing.",
      link: "/plugin-guide"
    },
    {
      title: "Six services",
      details:
        "Transport, auth, crypto, database, events and tasks: each has a default, a durable one, and a kit that proves yours.",
      link: "/services"
    },
    {
      title: "A wire in the open",
      details: "JSON for browsers, binary for devices, both written down byte by byte, for clients in any language.",
      link: "/wire"
    },
    {
      title: "Near the limit",
      details:
        "Answers cost at most twice what a server written by hand for one message costs. The benchmarks are in the repository.",
      link: "/bench"
    },
    {
      title: "Made to be run",
      details:
        "Configuration with all mistakes told at once, drain on SIGTERM, limits and typed errors for every bad input.",
      link: "/operations"
    }
  ]
}

/** The Markdown of the first page. */
export const landingPage = (): string => {
  const text = read("README.md")
  const example = /^```ts file=server\.ts\n[\s\S]*?^```\n+([\s\S]*?)(?=^## )/m.exec(text)
  if (example === null) throw new Error("README.md has no block server.ts, which the first page of the site shows")
  return [
    `---\n${JSON.stringify(frontmatter, undefined, 2)}\n---`,
    "## A whole server",
    example[0].trim(),
    "[The quick start](docs/quick-start.md) goes from nothing to a chat with browsers, and to a message of your own.",
    "## Try it",
    sectionOf(text, "Try it"),
    "## What it costs",
    sectionOf(text, "What it costs")
  ].join("\n\n")
}
