import { assert, describe, it } from "@effect/vitest"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as FastCheck from "fast-check"
import * as Checks from "../../src/app/Checks.ts"

interface Corpus {
  readonly schema: Schema.Codec<unknown, unknown>
  readonly good: ReadonlyArray<unknown>
  readonly bad: ReadonlyArray<unknown>
}
const corpus = <S extends Schema.Codec<never, never>>(
  schema: S,
  good: ReadonlyArray<unknown>,
  bad: ReadonlyArray<unknown>
): Corpus => ({ schema: schema as never, good, bad })

const long = (unit: string, times: number): string => unit.repeat(times)

const corpora: { readonly [name: string]: Corpus } = {
  Nickname: corpus(
    Checks.Nickname as never,
    [
      "ada",
      "Ada_L",
      "x",
      "jean-luc",
      "a.b",
      "Zoë",
      "Åsa",
      "Владимир",
      "محمد",
      "李小龍",
      "たろう太郎",
      "Kim김",
      "7of9",
      "_bot",
      long("a", 32)
    ],
    [
      "",
      " ",
      "a b",
      "-a",
      ".a",
      "a\tb",
      "a\0",
      "a\nb",
      "a\u200bb", // zero width space
      "a\u202eb", // turns the direction of writing
      "\ufeffada",
      "ad\u0430", // Cyrillic а after Latin letters
      "pаypal",
      "Αlice", // Greek capital alpha
      "Zoe\u0308", // not composed
      "👩",
      "a@b",
      "#ada",
      "\ud800",
      long("a", 33),
      7,
      null
    ]
  ),
  Channel: corpus(
    Checks.Channel as never,
    ["#lobby", "lobby", "&local", "#c#", "#a.b-c_d", "#café", "#новости", long("x", 64)],
    ["", "#", "##", "# a", "#a b", "#a,b", "#a:b", "#a\u0007", "#nоvosti", "a\r\nPRIVMSG", long("x", 65), "#\u202e"]
  ),
  EventName: corpus(
    Checks.EventName as never,
    ["joined", "user_left", "A-1", "0", long("e", 64)],
    ["", "a b", "a.b", "é", "a\n", "*", long("e", 65), "a/b"]
  ),
  Subject: corpus(
    Checks.Subject as never,
    ["a", "chat.lobby.joined", "чат.зал", "a-b_c.0"],
    ["", ".", "a.", ".a", "a..b", "a.*", "a.>", "a b", "a\r\nPUB x 1\r\n1", "a\u200b", long("a", 256)]
  ),
  Email: corpus(
    Checks.Email as never,
    ["ada@example.org", "a.b+c@x-y.example", "o'neil@example.com", "a@localhost", `${long("a", 64)}@x.org`],
    [
      "",
      "ada",
      "@x.org",
      "ada@",
      "a b@x.org",
      "a@b@c",
      "a@-x.org",
      "a@x-.org",
      "a@x..org",
      "a@.org",
      "a@[127.0.0.1]",
      "a\n@x.org",
      "ada@exаmple.org", // Cyrillic а
      `${long("a", 65)}@x.org`,
      `a@${long("x.", 130)}org`,
      `a@${long("x", 64)}.org`
    ]
  ),
  Url: corpus(
    Checks.Url as never,
    ["http://x", "https://example.org/a?b=c#d", "ws://127.0.0.1:7420/ws", "wss://[::1]/", "HTTPS://EXAMPLE.ORG"],
    [
      "",
      "example.org",
      "//example.org",
      "/a",
      "ftp://x",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "data:text/html,x",
      "http:x",
      "http:///",
      "http://user:secret@x",
      "http://user@x",
      " http://x",
      "http://x\n",
      "java\nscript:x",
      "http://x y",
      `http://x/${long("a", 2048)}`
    ]
  ),
  Uuid: corpus(
    Checks.Uuid as never,
    [
      "f47ac10b-58cc-4372-a567-0e02b2c3d479",
      "018f4d7c-3b1a-7c3e-8f00-0123456789ab",
      "F47AC10B-58CC-4372-A567-0E02B2C3D479"
    ],
    [
      "",
      "f47ac10b58cc4372a5670e02b2c3d479",
      "{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
      "f47ac10b-58cc-4372-a567-0e02b2c3d47",
      "g47ac10b-58cc-4372-a567-0e02b2c3d479"
    ]
  ),
  Host: corpus(
    Checks.Host as never,
    [
      "localhost",
      "chat.example.org",
      "xn--nxasmq6b",
      "127.0.0.1",
      "0.0.0.0",
      "::1",
      "2001:db8::1",
      "::ffff:10.0.0.1",
      "a-b.c",
      long("a", 63)
    ],
    [
      "",
      ".",
      "a.",
      "-a",
      "a-",
      "a..b",
      "a_b",
      "a b",
      "[::1]",
      "::1%eth0",
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "01.2.3.4",
      "127.0.0.1:80",
      "host:80",
      ":::",
      "http://x",
      "exаmple.org",
      "x\0",
      long("a", 64),
      long("a.", 130)
    ]
  ),
  Port: corpus(Checks.Port as never, [1, 80, 65_535], [0, -1, 65_536, 1.5, Number.NaN, "80", null]),
  RelativePath: corpus(
    Checks.RelativePath as never,
    ["a", "a/b.txt", "images/Zoë 1.png", ".config", "a/.b/c", "конфиг/я"],
    [
      "",
      "/",
      "/etc/passwd",
      "..",
      "../a",
      "a/../b",
      "a/./b",
      "a//b",
      "a/",
      "a\\b",
      "..\\a",
      "C:/a",
      "C:",
      "a\0.png",
      "a\nb",
      "con",
      "a/NUL.txt",
      "a/com1",
      "a./b",
      "a /b",
      "a?b",
      "a*b",
      `${long("a/", 600)}b`
    ]
  ),
  Tags: corpus(
    Checks.Tags as never,
    [[], ["a"], ["news", "music-2024", "日本"]],
    [["a", "a"], [""], ["a b"], ["#a"], ["a,b"], "a", [long("t", 33)], Array.from({ length: 33 }, (_, i) => `t${i}`)]
  ),
  printable: corpus(
    Checks.printable({ max: 20 }) as never,
    ["hello", "two\nlines", "tab\there", "👩‍👩‍👧", "naïve ☃", long("x", 20), "می‌خواهم"],
    ["", "   ", "\n\n", "\0\u0007", "\u202e", long("x", 21), 5]
  ),
  password: corpus(
    Checks.password() as never,
    ["correct horse", "пароль-длинный", "xkcd936!", long("ab c", 64), "🦊🐻🐼🐨🐯🦁🐮🐷"],
    [
      "",
      "short",
      "12345678",
      "PASSWORD",
      "Passw0rd",
      "aaaaaaaaaa",
      "abababab\u0007",
      "line\nbreak12",
      "x\ud800yyyyyyyy",
      long("ab", 129),
      long("é", 129),
      5
    ]
  )
}

describe.each(Object.entries(corpora))("Checks.%s", (_, { bad, good, schema }) => {
  const decode = Schema.decodeUnknownExit(schema)

  it.each(good.map((value) => [value]))("takes %j", (value) => {
    const exit = decode(value)
    assert.isTrue(Exit.isSuccess(exit), Exit.isFailure(exit) ? String(exit.cause) : "")
    if (Exit.isSuccess(exit)) assert.deepStrictEqual(exit.value, value)
  })

  it.each(bad.map((value) => [value]))("refuses %j in a sentence", (value) => {
    const exit = decode(value)
    assert.isTrue(Exit.isFailure(exit))
    const [reason] = Exit.isFailure(exit) ? exit.cause.reasons : []
    const message = reason?._tag === "Fail" ? reason.error.message : ""
    assert.match(message, /[a-z]{2}/)
    assert.notMatch(message, /<filter>|undefined/)
    assert.isBelow(message.length, 5000)
  })
})

describe("Checks", () => {
  it("show no password in what they say", () => {
    const decode = Schema.decodeUnknownExit(Checks.password({ min: 12 }))
    for (const secret of ["hunter2hunt", "Trustno1", `secret\u0007${"x".repeat(20)}`]) {
      const exit = decode(secret)
      assert.isTrue(Exit.isFailure(exit))
      assert.notInclude(JSON.stringify(exit), secret.slice(0, 7))
      assert.notInclude(String(Exit.isFailure(exit) ? exit.cause : ""), secret.slice(0, 7))
    }
  })

  it("find names that look alike, and only those", () => {
    const same = [
      ["Paypal", "paypa1", "раураӏ", "ＰａｙＰａｌ", "pay\u200bpal", "páypal"],
      ["modern", "rnodern"],
      ["root", "r00t", "rооt"]
    ]
    for (const names of same) assert.strictEqual(new Set(names.map(Checks.lookalike)).size, 1, names.join())
    const different = ["ada", "ade", "bob", "李", "杰", "анна", "olga"]
    assert.strictEqual(new Set(different.map(Checks.lookalike)).size, different.length)
  })

  it("clean text into what stays clean, and changes nothing that is", () => {
    void FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "binary" }), (text) => {
        const once = Checks.clean(text)
        assert.strictEqual(Checks.clean(once), once)
        assert.notMatch(once, /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u)
        assert.isTrue(once.isWellFormed())
      })
    )
    assert.strictEqual(Checks.clean("a\u001b[31mred\u0000\r\nb\u202etxt.exe"), "a[31mred\nbtxt.exe")
    assert.strictEqual(Schema.decodeUnknownSync(Checks.printable({ max: 4 }))("a\u0000b\u0007c"), "abc")
  })

  it("answer at once whatever comes", () => {
    const hostile = ["a".repeat(1e6), "a.".repeat(5e5), "@".repeat(1e6), "é\u0301".repeat(3e5), "../".repeat(3e5)]
    for (const { schema } of Object.values(corpora))
      for (const value of hostile) assert.isTrue(Exit.isFailure(Schema.decodeUnknownExit(schema)(value)))
  })
})
