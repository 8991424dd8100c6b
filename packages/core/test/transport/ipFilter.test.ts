import { BlockList, isIPv4 } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import * as Client from "../../src/client/Client.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import * as IpAddress from "../../src/transport/IpAddress.ts"
import * as IpFilter from "../../src/transport/IpFilter.ts"
import * as IpSet from "../../src/transport/IpSet.ts"
import * as Memory from "../../src/transport/Memory.ts"
import * as PeerAddress from "../../src/transport/PeerAddress.ts"
import type { PeerInfo } from "../../src/transport/Transport.ts"
import * as Transports from "../../src/transport/Transports.ts"

const peer = (address: string, forwarded?: string): PeerInfo => ({
  transport: "tcp",
  address,
  secure: false,
  headers: new Map(forwarded === undefined ? [] : [["x-forwarded-for", forwarded]]),
  path: "",
  origin: undefined
})

const parsed = (text: string): IpAddress.IpAddress => IpAddress.parse(text) ?? assert.fail(text)

/** The same numbers on every run. */
const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

describe("IpAddress", () => {
  it("is read as Effect reads it, whatever the text", () => {
    const next = random(3)
    const pieces = ["0", "1", "9", "25", "255", "256", ".", ".", ".", ":", "::", "f", "-", " ", "00", "1e1", "٣"]
    let addresses = 0
    for (let i = 0; i < 100_000; i++) {
      const text = Array.from(
        { length: 1 + Math.floor(next() * 8) },
        () => pieces[Math.floor(next() * pieces.length)]
      ).join("")
      const theirs = NetAddress.ipFromString(text)
      const ours = IpAddress.parse(text)
      if (Result.isFailure(theirs)) assert.isUndefined(ours, text)
      else {
        addresses++
        assert.deepStrictEqual(ours, IpAddress.from(theirs.success), text)
      }
    }
    assert.isAbove(addresses, 200)
  })

  it.each(["0.0.0.0", "255.255.255.255", "192.0.2.7", "::", "2001:db8::7", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"])(
    "%s is written as it was read",
    (text) => {
      assert.strictEqual(IpAddress.format(parsed(text)), text)
    }
  )
})

describe("IpSet", () => {
  it.effect.each<[networks: ReadonlyArray<string>, inside: ReadonlyArray<string>, outside: ReadonlyArray<string>]>([
    [[], [], ["0.0.0.0", "::"]],
    [["10.0.0.0/8"], ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["9.255.255.255", "11.0.0.0", "::10.1.2.3"]],
    [["0.0.0.0/0"], ["0.0.0.0", "255.255.255.255"], ["::", "ffff::"]],
    [["::/0"], ["::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], ["1.2.3.4", "::ffff:1.2.3.4"]],
    [
      ["192.0.2.7", "2001:db8::7"],
      ["192.0.2.7", "2001:db8::7"],
      ["192.0.2.6", "192.0.2.8", "2001:db8::8"]
    ],
    [["::ffff:192.0.2.0/120"], ["192.0.2.200", "::ffff:192.0.2.1"], ["192.0.3.0"]],
    [["fe80::/10"], ["fe80::1%eth0", "febf::1"], ["fec0::"]],
    // overlapping, adjoining, twice
    [["10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/8", "10.3.0.0/16"], ["10.0.0.0", "10.200.0.1"], ["11.0.0.0"]],
    [
      ["255.255.255.255/32", "0.0.0.0/32"],
      ["255.255.255.255", "0.0.0.0"],
      ["0.0.0.1", "255.255.255.254"]
    ]
  ])("%j", ([networks, inside, outside]) =>
    Effect.gen(function* () {
      const set = yield* IpSet.make(networks)
      assert.deepStrictEqual(
        inside.filter((address) => !set.has(address)),
        []
      )
      assert.deepStrictEqual(
        outside.filter((address) => set.has(address)),
        []
      )
    })
  )

  it.effect("takes networks together that overlap or adjoin", () =>
    Effect.gen(function* () {
      const { size } = yield* IpSet.make(["10.0.0.0/9", "10.128.0.0/9", "10.3.0.0/16", "11.0.0.0/8", "13.0.0.0/8"])
      assert.strictEqual(size, 2)
    })
  )

  it.effect("is no wider than what is an address in the strictest sense", () =>
    Effect.gen(function* () {
      const set = yield* IpSet.make(["0.0.0.0/0", "::/0"])
      const others = [
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "1.2.3.4 ",
        "1.2.3.4\n",
        "1.2.3.4:80",
        "",
        "[::1]",
        "/run/x.sock"
      ]
      assert.deepStrictEqual(
        others.filter((text) => set.has(text)),
        []
      )
    })
  )

  it.effect("fails with all that is no network, and says how many there are", () =>
    Effect.gen(function* () {
      const wrong = ["10.1.2.3/8", "10.0.0.0/33", "fd00::/129", "example.org", "10.0.0.0/", "x".repeat(5000)]
      const error = yield* Effect.flip(IpSet.make(["10.0.0.0/8", ...wrong, ...Array.from({ length: 50 }, () => "no")]))
      assert.strictEqual(error.code, "TRANSPORT_IP_NETWORKS")
      assert.strictEqual(error.count, 56)
      assert.match(error.message, /"10\.1\.2\.3\/8": address has non-zero host bits\n/)
      assert.match(error.message, /\n {2}and 36 more$/)
      assert.isBelow(error.message.length, 3000)
    })
  )

  it.effect("agrees with Node's BlockList about any networks and addresses", () =>
    Effect.gen(function* () {
      const next = random(7)
      const word = () => Math.floor(next() * 2 ** 16)
      // few different high bits, so that networks and addresses meet
      const v4 = () => [10, Math.floor(next() * 4), Math.floor(next() * 256), Math.floor(next() * 256)].join(".")
      const v6 = () =>
        ["2001", "db8", Math.floor(next() * 4), word(), word(), 0, 0, word()].map((part) => part.toString(16)).join(":")
      const address = () => (next() < 0.5 ? v4() : v6())
      for (let round = 0; round < 20; round++) {
        const networks: Array<string> = []
        const list = new BlockList()
        for (let i = 0; i < 60; i++) {
          const text = address()
          const family = isIPv4(text) ? "ipv4" : "ipv6"
          const prefix = family === "ipv4" ? 9 + Math.floor(next() * 24) : 40 + Math.floor(next() * 89)
          const octets =
            family === "ipv4"
              ? text.split(".").map(Number)
              : [...NetAddress.ipv6ToOctets(NetAddress.ipFromStringUnsafe(text) as NetAddress.Ipv6Address)]
          const masked = octets.map(
            (octet, at) => octet & ((0xff00 >> Math.min(8, Math.max(0, prefix - at * 8))) & 0xff)
          )
          const bytes = Uint8Array.from(masked)
          const first = NetAddress.formatIp(
            family === "ipv4" ? NetAddress.ipv4FromBytesUnsafe(bytes) : NetAddress.ipv6FromBytesUnsafe(bytes)
          )
          networks.push(`${first}/${prefix}`)
          list.addSubnet(first, prefix, family)
        }
        const set = yield* IpSet.make(networks)
        for (let i = 0; i < 300; i++) {
          const asked = address()
          assert.strictEqual(
            set.has(asked),
            list.check(asked, isIPv4(asked) ? "ipv4" : "ipv6"),
            `${asked} in ${networks.join(" ")}`
          )
        }
      }
    })
  )
})

describe("PeerAddress", () => {
  it.effect.each<[from: string, forwarded: string | undefined, client: string | undefined]>([
    ["192.0.2.1", undefined, "192.0.2.1"],
    // nobody believes a stranger
    ["192.0.2.1", "198.51.100.7", "192.0.2.1"],
    ["10.0.0.1", "198.51.100.7", "198.51.100.7"],
    ["::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"],
    // the left ones are what the client says
    ["10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"],
    ["10.0.0.1", "1.1.1.1, 198.51.100.7, 10.9.9.9", "198.51.100.7"],
    ["10.0.0.1", "10.1.1.1,10.2.2.2", "10.1.1.1"],
    ["10.0.0.1", "198.51.100.7:4711", "198.51.100.7"],
    ["10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["10.0.0.1", "2001:db8::7", "2001:db8::7"],
    // what is no address ends the search
    ["10.0.0.1", "198.51.100.7, unknown", "10.0.0.1"],
    ["10.0.0.1", "198.51.100.7, unknown, 10.2.2.2", "10.2.2.2"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", ",,,", "10.0.0.1"],
    [
      "10.0.0.1",
      Array.from({ length: 50 }, () => "10.2.2.2")
        .concat("10.3.3.3")
        .join(","),
      "10.2.2.2"
    ],
    ["/run/app.sock", "198.51.100.7", undefined]
  ])("of %s with %s", ([from, forwarded, client]) =>
    Effect.gen(function* () {
      const trusted = yield* IpSet.make(["10.0.0.0/8"])
      const address = PeerAddress.of(peer(from, forwarded), trusted)
      assert.strictEqual(address === undefined ? undefined : IpAddress.format(address), client)
    })
  )

  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"],
    ["2001:db8:0:7:ffff::", "2001:db8:0:7::/64"],
    ["::1", "::/64"]
  ])("%s counts as %s", (address, key) => {
    assert.strictEqual(IpAddress.clientOf(parsed(address)), key)
  })
})

describe("IpFilter", () => {
  const statusOf = (filter: IpFilter.IpFilter, address: string, forwarded?: string) =>
    Effect.map(filter.admit(peer(address, forwarded)), (refused) => refused?.status ?? 200)

  it.effect("keeps out what is denied, and what is not allowed where there is such a list", () =>
    Effect.gen(function* () {
      const open = yield* IpFilter.make({ deny: ["192.0.2.0/24"] })
      assert.strictEqual(yield* statusOf(open, "192.0.2.7"), 403)
      assert.strictEqual(yield* statusOf(open, "::ffff:192.0.2.7"), 403)
      assert.strictEqual(yield* statusOf(open, "198.51.100.7"), 200)
      const closed = yield* IpFilter.make({ allow: ["192.0.2.0/24", "fd00::/8"], deny: ["192.0.2.7"] })
      assert.strictEqual(yield* statusOf(closed, "192.0.2.6"), 200)
      assert.strictEqual(yield* statusOf(closed, "192.0.2.7"), 403)
      assert.strictEqual(yield* statusOf(closed, "fd00::1"), 200)
      assert.strictEqual(yield* statusOf(closed, "198.51.100.7"), 403)
      assert.strictEqual(yield* statusOf(closed, "/run/app.sock"), 200)
      const nobody = yield* IpFilter.make({ allow: [] })
      assert.strictEqual(yield* statusOf(nobody, "127.0.0.1"), 403)
    })
  )

  it.effect("looks behind trusted proxies only", () =>
    Effect.gen(function* () {
      const filter = yield* IpFilter.make({ deny: ["192.0.2.0/24"], trustedProxies: ["10.0.0.0/8"] })
      assert.strictEqual(yield* statusOf(filter, "10.0.0.1", "192.0.2.7"), 403)
      assert.strictEqual(yield* statusOf(filter, "10.0.0.1", "192.0.2.7, 198.51.100.7"), 200)
      assert.strictEqual(yield* statusOf(filter, "198.51.100.7", "192.0.2.7"), 200)
      assert.strictEqual(yield* statusOf(filter, "192.0.2.7", "198.51.100.7"), 403)
    })
  )

  it.effect("changes its rules at once, and not at all where they are wrong", () =>
    Effect.gen(function* () {
      const filter = yield* IpFilter.make({ deny: ["192.0.2.7"] })
      yield* filter.setRules({ deny: ["198.51.100.7"] })
      assert.strictEqual(yield* statusOf(filter, "192.0.2.7"), 200)
      assert.strictEqual(yield* statusOf(filter, "198.51.100.7"), 403)
      const error = yield* Effect.flip(filter.setRules({ allow: ["192.0.2.0/24"], deny: ["nonsense"] }))
      assert.strictEqual(error._tag, "IpNetworksInvalid")
      assert.strictEqual(yield* statusOf(filter, "198.51.100.7"), 403)
      assert.strictEqual(
        (yield* Effect.flip(IpFilter.make({ trustedProxies: ["proxy.example"] })))._tag,
        "IpNetworksInvalid"
      )
    })
  )

  it.effect("bans a client until the ban ends, of IPv6 the whole network", () =>
    Effect.gen(function* () {
      const filter = yield* IpFilter.make({})
      yield* filter.ban("198.51.100.7", "15 minutes", "five wrong passwords")
      yield* filter.ban("2001:db8:0:7::1", "1 hour")
      const refused = yield* filter.admit(peer("198.51.100.7"))
      assert.deepStrictEqual(refused, { _tag: "Refuse", status: 403, reason: "banned", retryAfterMillis: 900_000 })
      assert.strictEqual(yield* statusOf(filter, "2001:db8:0:7:ffff::2"), 403)
      assert.strictEqual(yield* statusOf(filter, "2001:db8:0:8::1"), 200)
      yield* TestClock.adjust("15 minutes")
      assert.strictEqual(yield* statusOf(filter, "198.51.100.7"), 200)
      assert.deepStrictEqual(yield* filter.bans, [{ client: "2001:db8:0:7::/64", until: 3_600_000, reason: "" }])
      assert.isTrue(yield* filter.unban("2001:db8:0:7:1::"))
      assert.isFalse(yield* filter.unban("2001:db8:0:7:1::"))
      assert.strictEqual((yield* Effect.flip(filter.ban("example.org", "1 hour")))._tag, "IpNetworksInvalid")
    })
  )

  it.effect("keeps no more bans than it is told, and lets the oldest go", () =>
    Effect.gen(function* () {
      const filter = yield* IpFilter.make({ maxBans: 2 })
      for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3"]) yield* filter.ban(address, "1 hour")
      assert.deepStrictEqual(
        (yield* filter.bans).map(({ client }) => client),
        ["192.0.2.1", "192.0.2.3"]
      )
    })
  )

  it.live("is asked by a gateway before it takes a connection", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const Desk = Contract.make("desk", { requests: { hi: {} } })
        const filter = yield* IpFilter.make({ allow: ["192.0.2.0/24"] })
        // memory has no addresses of IP
        const admit = (given: PeerInfo) => filter.admit({ ...given, address: from })
        let from = "192.0.2.7"
        const memory = Memory.make()
        const context = yield* Layer.build(Layer.merge(Gateway.layer({ admit }), Transports.layer(memory.listener)))
        yield* Effect.provideContext(Gateway.serve(Contract.implement(Desk, { hi: () => Effect.void })), context)
        yield* (yield* Client.make(Desk, memory.connector)).request.hi()
        from = "198.51.100.7"
        const refused = yield* Effect.flip(Client.make(Desk, memory.connector))
        assert.match(refused.message, /not from this address \(403\)/)
      })
    )
  )
})
