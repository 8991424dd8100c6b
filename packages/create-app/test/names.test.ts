import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { nearest } from "../src/project/Nearest.ts"
import { fromDirectory, problemOf } from "../src/project/PackageName.ts"
import { renameIdentifier, renameText, stylesOf } from "../src/template/Sentinel.ts"

const from = stylesOf("mortise-app")

describe("styles of a name", () => {
  it.each([
    ["chat", "chat", "Chat", "chat", "CHAT"],
    ["my-chat.room_2", "my-chat.room_2", "MyChatRoom2", "myChatRoom2", "MY_CHAT_ROOM_2"],
    ["@acme/chat-room", "chat-room", "ChatRoom", "chatRoom", "CHAT_ROOM"],
    ["3d", "3d", "App3d", "app3d", "APP_3D"]
  ])("%s", (name, kebab, pascal, camel, constant) => {
    assert.deepStrictEqual(stylesOf(name), { kebab, pascal, camel, constant })
  })

  it("gives legal identifiers for every package name", () => {
    void fc.assert(
      fc.property(fc.stringMatching(/^(@[a-z0-9][a-z0-9._-]{0,8}\/)?[a-z0-9][a-z0-9._-]{0,20}$/), (name) => {
        const styles = stylesOf(name)
        for (const identifier of [styles.pascal, styles.camel, styles.constant]) {
          assert.match(identifier, /^[A-Za-z_$][A-Za-z0-9_$]*$/)
        }
      })
    )
  })
})

describe("renaming text", () => {
  const to = stylesOf("chat-room")
  it.each([
    ["mortise-app/Rooms", "chat-room/Rooms"],
    ["mortise-app-data and mortise-apple", "chat-room-data and mortise-apple"],
    ["MortiseApp, MortiseAppError, makeMortiseApp", "ChatRoom, ChatRoomError, makeChatRoom"],
    ["MORTISE_APP_PORT=1", "CHAT_ROOM_PORT=1"],
    ["`mortiseApp.start()`", "`chatRoom.start()`"],
    ["Mortise, app, mortise_app", "Mortise, app, mortise_app"]
  ])("%s", (text, expected) => {
    assert.strictEqual(renameText(text, from, to), expected)
  })

  it("leaves nothing of the sentinel and comes back by renaming back", () => {
    const word = fc.constantFrom(
      "mortise-app",
      "MortiseApp",
      "mortiseApp",
      "MORTISE_APP",
      " ",
      ".",
      "/",
      "x",
      "\n",
      "é"
    )
    void fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const text = words.join(" ")
        const unique = stylesOf("zq-wv")
        const renamed = renameText(text, from, unique)
        assert.notMatch(renamed, /mortise-app|MortiseApp|mortiseApp|MORTISE_APP/)
        assert.strictEqual(renameText(renamed, unique, from), text)
      })
    )
  })

  it("keeps an identifier in which camelCase is not the start of a word", () => {
    assert.strictEqual(renameIdentifier("xmortiseApp", from, to), "xmortiseApp")
  })
})

describe("package names", () => {
  it.each([
    "",
    "../x",
    "a/b",
    "a\nb",
    "$(touch x)",
    "a b",
    "Upper",
    ".hidden",
    "_x",
    "node_modules",
    "http",
    "con",
    "@scope",
    "@/x",
    "@scope/../x",
    "x".repeat(215)
  ])("refuses %j", (name) => {
    assert.isString(problemOf(name))
  })
  it.each(["a", "my-app", "@acme/my.app_2", "x".repeat(214)])("takes %j", (name) => {
    assert.isUndefined(problemOf(name))
  })
  it("refuses the name of a package that the app depends on", () => {
    assert.isString(problemOf("effect", ["effect"]))
  })

  it.each([
    ["My App", "my-app"],
    ["Über Größe 2", "uber-gro-e-2"],
    [".config", "config"],
    ["日本", undefined],
    ["a;b", undefined],
    ["a\nb", undefined],
    ["`x`", undefined]
  ])("makes of the directory %j the name %j", (directory, name) => {
    assert.strictEqual(fromDirectory(directory), name)
  })

  it("makes only names that are allowed, or reserved ones", () => {
    void fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (directory) => {
        const name = fromDirectory(directory)
        if (name !== undefined) assert.match(problemOf(name) ?? "reserved", /reserved|module of Node/)
      })
    )
  })
})

describe("the nearest match", () => {
  it.each([
    ["chta", "chat"],
    ["min", "minimal"],
    ["Minimal", "minimal"],
    ["postgres", undefined]
  ])("of %s is %s", (word, expected) => {
    assert.strictEqual(nearest(word, ["chat", "minimal"]), expected)
  })
})
