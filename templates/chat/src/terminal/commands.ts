/** What a typed line asks for. */
export type Command =
  | { readonly _tag: "Nothing" }
  | { readonly _tag: "Quit" }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Who" }
  | { readonly _tag: "Room"; readonly room: string }
  | { readonly _tag: "Whisper"; readonly to: string; readonly text: string }
  | { readonly _tag: "Say"; readonly text: string }
  /** A command of a part of the app. */
  | { readonly _tag: "Other"; readonly name: string; readonly rest: string }

export const help = "/who  /room NAME  /msg NAME TEXT  /quit"

/** A line that looks like a command and is none asks for help: a private word is never said aloud by mistake. */
export const parse = (line: string, others: ReadonlySet<string> = new Set()): Command => {
  const text = line.trim()
  if (text === "") return { _tag: "Nothing" }
  if (!text.startsWith("/")) return { _tag: "Say", text }
  const [command, first, ...rest] = text.slice(1).split(/\s+/)
  if (command === "quit") return { _tag: "Quit" }
  if (command === "who") return { _tag: "Who" }
  if (command === "room" && first !== undefined) return { _tag: "Room", room: first.replace(/^#/, "").toLowerCase() }
  if (command === "msg" && first !== undefined && rest.length > 0) {
    return { _tag: "Whisper", to: first, text: text.slice(text.indexOf(first, 4) + first.length).trim() }
  }
  if (command !== undefined && others.has(command)) {
    return { _tag: "Other", name: command, rest: text.slice(1 + command.length).trim() }
  }
  return { _tag: "Help" }
}

interface Failure {
  readonly _tag: string
  readonly message: string
  readonly fault?: string
}

/** What went wrong, in the words of whoever sits at the keyboard. */
export const explain = ({ _tag, fault, message }: Failure): string => {
  if (_tag === "NameTaken") return "Somebody else has this name: choose another one with --name."
  if (_tag === "NameReserved") return "This name belongs to an account: sign in with /login NAME first."
  if (_tag === "NotJoined") return "Join a room first: sign in with /login NAME, or start again with another --name."
  if (_tag === "RoomFull") return "This room is full."
  if (_tag === "HistoryUnavailable") return "The server cannot keep messages just now. Try again in a while."
  if (fault === "NO_RECIPIENT") return "There is nobody with this name here."
  // a long way to say where; what was expected is enough here
  if (fault === "BAD_PAYLOAD") return message.replace(/^.*(?=Expected )/s, "")
  return message
}
