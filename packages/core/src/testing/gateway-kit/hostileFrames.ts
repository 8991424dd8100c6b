/** Frames that no honest client sends, for each wire. Each is answered, or ignored, and the connection goes on. */
import { Kind, type Wire } from "../../transport/Wire.ts"

export interface HostileFrame {
  readonly name: string
  readonly bytes: Uint8Array
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const join = (...parts: ReadonlyArray<ReadonlyArray<number> | Uint8Array>): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

/** Values in MessagePack that are broken, too much, or not part of the wire. */
export const brokenMessagePack: ReadonlyArray<readonly [name: string, bytes: Uint8Array]> = [
  ["nothing but the byte that is never used", Uint8Array.of(0xc1)],
  ["a map cut off", Uint8Array.of(0x81, 0xa4, 0x74, 0x65)],
  ["a map without its value", Uint8Array.of(0x81, 0xa1, 0x61)],
  ["a map of 15 with one field", Uint8Array.of(0x8f, 0xa1, 0x61, 0x01)],
  ["an array of 2^32 - 1", Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff, 0x01)],
  ["a map of 2^32 - 1", Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff, 0x01)],
  ["an array of 2^31", Uint8Array.of(0xdd, 0x80, 0x00, 0x00, 0x00)],
  ["a string of 2^32 - 1 bytes", Uint8Array.of(0xdb, 0xff, 0xff, 0xff, 0xff, 0x61)],
  ["bytes of 2^32 - 1", Uint8Array.of(0xc6, 0xff, 0xff, 0xff, 0xff, 0x61)],
  ["arrays of 65 535 in each other", join(...Array.from({ length: 100 }, () => [0xdc, 0xff, 0xff]))],
  ["1 000 arrays in each other", join(new Uint8Array(1000).fill(0x91), [0xc0])],
  ["100 000 arrays in each other", join(new Uint8Array(100_000).fill(0x91), [0xc0])],
  ["1 000 maps in each other", join(...Array.from({ length: 1000 }, () => [0x81, 0xa1, 0x61]), [0xc0])],
  ["30 000 maps in each other", join(...Array.from({ length: 30_000 }, () => [0x81, 0xa1, 0x61]), [0xc0])],
  ["a string that is not UTF-8", Uint8Array.of(0xa2, 0xc3, 0x28)],
  ["an overlong encoding", Uint8Array.of(0xa2, 0xc0, 0x80)],
  ["half a surrogate pair", Uint8Array.of(0xa3, 0xed, 0xa0, 0x80)],
  ["a key that is not UTF-8", Uint8Array.of(0x81, 0xa1, 0xff, 0x01)],
  ["a key that is a number", Uint8Array.of(0x81, 0x01, 0x02)],
  ["a key that is nil", Uint8Array.of(0x81, 0xc0, 0x02)],
  ["a key that is a map", Uint8Array.of(0x81, 0x81, 0xa1, 0x61, 0x01, 0x02)],
  ["a key that is an array", Uint8Array.of(0x81, 0x91, 0xa1, 0x61, 0x02)],
  ["a key that is bytes", Uint8Array.of(0x81, 0xc4, 0x01, 0x61, 0x02)],
  ["a timestamp, which is an extension", Uint8Array.of(0xd6, 0xff, 0, 0, 0, 1)],
  ["a record definition of msgpackr's", Uint8Array.of(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01)],
  ["an extension of one byte", Uint8Array.of(0xd4, 0x01, 0x00)],
  ["an extension of any length", Uint8Array.of(0xc7, 0x03, 0x01, 1, 2, 3)],
  ["an extension of 2^32 - 1 bytes", Uint8Array.of(0xc9, 0xff, 0xff, 0xff, 0xff, 0x01)],
  ["a value and a byte more", Uint8Array.of(0xc0, 0xc0)],
  ["a value and a megabyte's worth of nil more", join([0x90], new Uint8Array(4096).fill(0xc0))]
]

const binaryFrames = (echo: number): ReadonlyArray<HostileFrame> => {
  const header = (kind: number, flags: number, message: number, id: number): ReadonlyArray<number> => {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    bytes[0] = kind
    bytes[1] = flags
    view.setUint16(2, message)
    view.setUint32(4, id)
    return [...bytes]
  }
  const good = [0x81, 0xa4, 0x74, 0x65, 0x78, 0x74, 0xa1, 0x78]
  const meta = (...bytes: ReadonlyArray<number>) => join(header(Kind.request, 1, echo, 9), bytes, good)
  return [
    { name: "an empty frame", bytes: new Uint8Array(0) },
    { name: "one byte", bytes: Uint8Array.of(2) },
    { name: "seven bytes", bytes: new Uint8Array(7).fill(2) },
    { name: "kind 0", bytes: join(header(0, 0, echo, 9), good) },
    { name: "kind 16", bytes: join(header(16, 0, echo, 9), good) },
    { name: "kind 255", bytes: join(header(255, 0xff, 0xffff, 0xffffffff), good) },
    ...[0x08, 0x10, 0x20, 0x40, 0x80, 0xff].map((flags) => ({
      name: `unknown flags ${flags}`,
      bytes: join(header(Kind.request, flags, echo, 9), good)
    })),
    { name: "a request marked as an error and a fault", bytes: join(header(Kind.request, 6, echo, 9), [0xc1]) },
    { name: "message 0", bytes: join(header(Kind.request, 0, 0, 9), good) },
    { name: "message 65 535", bytes: join(header(Kind.request, 0, 0xffff, 9), good) },
    { name: "no id", bytes: join(header(Kind.request, 0, echo, 0), good) },
    { name: "a cancel of nothing", bytes: join(header(Kind.cancel, 0, 0, 0xffffffff)) },
    { name: "meta announced and absent", bytes: join(header(Kind.request, 1, echo, 9)) },
    { name: "meta of 255 entries that are not there", bytes: meta(255) },
    { name: "a meta key that is cut off", bytes: meta(1, 200, 0x61) },
    { name: "a meta key that is not UTF-8", bytes: meta(1, 1, 0xff, 0, 0) },
    { name: "a meta value that is cut off", bytes: meta(1, 1, 0x61, 0xff, 0xff) },
    { name: "a meta value that is not UTF-8", bytes: meta(1, 1, 0x61, 0, 1, 0xff) },
    { name: "a relay without its peer", bytes: join(header(Kind.relay, 0, echo, 9)) },
    { name: "a relay whose peer is cut off", bytes: join(header(Kind.relay, 0, echo, 9), [255, 0x61]) },
    { name: "a relay whose peer is not UTF-8", bytes: join(header(Kind.relay, 0, echo, 9), [1, 0xff]) },
    { name: "a hello with broken data", bytes: join(header(Kind.hello, 0, 0, 0), [0xc1]) },
    { name: "a control with broken data", bytes: join(header(Kind.control, 0, 0, 0), [0xdd, 0xff, 0xff, 0xff, 0xff]) },
    ...brokenMessagePack.map(([name, bytes]) => ({
      name: `a payload that is ${name}`,
      bytes: join(header(Kind.request, 0, echo, 9), bytes)
    })),
    ...[
      ["2^63", [0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0]],
      ["2^64 - 1", [0xcf, 255, 255, 255, 255, 255, 255, 255, 255]],
      ["-2^63", [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]],
      ["nil", [0xc0]],
      ["bytes", [0xc4, 0x01, 0x00]],
      ["a float that is not a number", [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]]
    ].map(([name, bytes]) => ({
      name: `${name} where text belongs`,
      bytes: join(header(Kind.request, 0, echo, 9), good.slice(0, 6), bytes as ReadonlyArray<number>)
    })),
    {
      name: "keys that poison prototypes",
      bytes: join(
        header(Kind.request, 0, echo, 9),
        [0x83, 0xa9, ...utf8("__proto__"), 0x81, 0xa8, ...utf8("polluted"), 0xc3],
        [0xab, ...utf8("constructor"), 0x81, 0xa9, ...utf8("prototype"), 0x81, 0xa8, ...utf8("polluted"), 0xc3],
        [0xa4, ...utf8("text"), 0x01]
      )
    }
  ]
}

const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`
const deepObject = (levels: number): string => `${`{"a":`.repeat(levels)}1${"}".repeat(levels)}`
const request = (fields: string): string => `{"kind":"request","id":9,"name":"kit.echo"${fields}}`

const jsonFrames: ReadonlyArray<HostileFrame> = [
  { name: "an empty frame", bytes: new Uint8Array(0) },
  { name: "NUL", bytes: Uint8Array.of(0) },
  { name: "text that is not UTF-8", bytes: join(utf8(`{"kind":"`), [0xc3, 0x28], utf8(`"}`)) },
  { name: "half a surrogate pair", bytes: join(utf8(`{"kind":"`), [0xed, 0xa0, 0x80], utf8(`"}`)) },
  ...[
    ["a string", `"hello"`],
    ["a number", "7"],
    ["null", "null"],
    ["an array", "[]"],
    ["an array of 1 000 levels", deep(1000)],
    ["an array of 100 000 levels", deep(100_000)],
    ["an array that is not closed, of 100 000 levels", "[".repeat(100_000)],
    ["an object that is not closed", `{"kind":"request"`],
    ["two objects", `{"kind":"cancel","id":9}{"kind":"cancel","id":9}`],
    ["a byte order mark", `\ufeff{"kind":"cancel","id":9}`],
    ["single quotes", `{'kind':'cancel'}`],
    ["nothing in it", "{}"],
    ["no kind", `{"id":9,"name":"kit.echo","payload":{"text":"x"}}`],
    ["a kind that is a number", `{"kind":2,"id":9,"name":"kit.echo"}`],
    ["a kind that is __proto__", `{"kind":"__proto__","id":9}`],
    ["a kind that is constructor", `{"kind":"constructor","id":9}`],
    ["a kind in capitals", `{"kind":"REQUEST","id":9}`],
    ["id -1", `{"kind":"request","id":-1,"name":"kit.echo"}`],
    ["id 1.5", `{"kind":"request","id":1.5,"name":"kit.echo"}`],
    ["id 2^32", `{"kind":"request","id":4294967296,"name":"kit.echo"}`],
    ["id 1e999", `{"kind":"request","id":1e999,"name":"kit.echo"}`],
    ["an id that is a string", `{"kind":"request","id":"9","name":"kit.echo"}`],
    ["an id that is an object", `{"kind":"request","id":{},"name":"kit.echo"}`],
    ["no id", `{"kind":"request","name":"kit.echo","payload":{"text":"x"}}`],
    ["no name", `{"kind":"request","id":9,"payload":{"text":"x"}}`],
    ["a name that is a number", `{"kind":"request","id":9,"name":1}`],
    ["a name that is an array", `{"kind":"request","id":9,"name":["kit.echo"]}`],
    ["a name that is __proto__", `{"kind":"request","id":9,"name":"__proto__"}`],
    ["a name of the prototype's", `{"kind":"request","id":9,"name":"kit.toString"}`],
    ["meta that is an object", request(`,"meta":{"deadline":"1"}`)],
    ["meta that is not in pairs", request(`,"meta":["deadline"]`)],
    ["meta with three in a pair", request(`,"meta":[["a","b","c"]]`)],
    ["meta with a number", request(`,"meta":[["deadline",1]]`)],
    ["meta with broken base64", request(`,"meta":[["a-bin","%%%"]]`)],
    ["meta of 10 000 entries", request(`,"meta":[${Array(10_000).fill(`["a","b"]`).join(",")}]`)],
    ["meta of 10 000 levels", request(`,"meta":${deep(10_000)}`)],
    ["a payload of 1 000 levels", request(`,"payload":${deep(1000)}`)],
    ["a payload of 40 000 levels", request(`,"payload":{"text":${deepObject(40_000)}}`)],
    ["a tree of 2 000 levels", `{"kind":"request","id":9,"name":"kit.tree","payload":{"tree":${tree(2000)}}}`],
    ["JSON of 100 000 levels", `{"kind":"request","id":9,"name":"kit.any","payload":{"value":${deep(100_000)}}}`],
    ["a ping with a token of 100 000 levels", `{"kind":"control","payload":{"type":"ping","token":${deep(100_000)}}}`],
    ["a hello of 100 000 levels", `{"kind":"hello","payload":${deep(100_000)}}`],
    ["a relay without bytes", `{"kind":"relay","id":9,"name":"kit.pass","to":"x"}`],
    ["a relay with broken base64", `{"kind":"relay","id":9,"name":"kit.pass","to":"x","bytes":"%%%"}`],
    ["a relay to a number", `{"kind":"relay","id":9,"name":"kit.pass","to":7,"bytes":"aGk="}`],
    ["a response to nothing", `{"kind":"response","id":9,"payload":{}}`],
    ["an error of the client's", `{"kind":"response","id":9,"fault":{"code":"INTERNAL"}}`],
    [
      "keys that poison prototypes",
      request(
        `,"__proto__":{"polluted":true},"payload":{"__proto__":{"polluted":true,"text":"x"},"constructor":{"prototype":{"polluted":true}}}`
      )
    ],
    ["a payload that is only in the prototype", request(`,"payload":{"__proto__":{"text":"x"}}`)],
    ["the same key twice, the last one wrong", request(`,"payload":{"text":"x","text":1}`)]
  ].map(([name, text]) => ({ name: name as string, bytes: utf8(text as string) }))
]

function tree(levels: number): string {
  return `${`{"name":"a","children":[`.repeat(levels)}${"]}".repeat(levels)}`
}

/** What a wire must survive. `echo` is the number that the hello gave to `kit.echo`. */
export const hostileFrames = (wire: Wire, echo: number): ReadonlyArray<HostileFrame> =>
  wire.numbered ? binaryFrames(echo) : jsonFrames
