import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { say } from "./report.mjs"

const beat = 2_000
/** A holder that has not touched its lock for this long (milliseconds) is taken for dead. */
const silence = 30_000

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

const holderOf = (lock) => {
  try {
    return JSON.parse(readFileSync(path.join(lock, "holder.json"), "utf8"))
  } catch {
    return undefined
  }
}

const ageOf = (folder) => {
  try {
    return Date.now() - statSync(folder).mtimeMs
  } catch {
    return 0
  }
}

const isDead = (lock) => {
  const holder = holderOf(lock)
  if (ageOf(lock) > silence) return true
  // a process id means nothing on another machine or in another container
  if (holder === undefined || holder.host !== os.hostname()) return false
  try {
    process.kill(holder.pid, 0)
    return false
  } catch (error) {
    return error.code === "ESRCH"
  }
}

/** Creates the folder, which only one process can do; undefined when it exists. */
const tryTake = (lock) => {
  try {
    mkdirSync(lock)
  } catch (error) {
    if (error.code === "EEXIST") return false
    throw error
  }
  writeFileSync(path.join(lock, "holder.json"), JSON.stringify({ pid: process.pid, host: os.hostname() }))
  return true
}

/** Takes a dead lock away. A second folder makes sure that two waiting processes do not both do it. */
const takeAway = (lock) => {
  const guard = `${lock}.stale`
  if (ageOf(guard) > silence) rmSync(guard, { recursive: true, force: true })
  if (!tryTake(guard)) return
  try {
    if (isDead(lock)) {
      const grave = `${lock}.${process.pid}`
      renameSync(lock, grave)
      rmSync(grave, { recursive: true, force: true })
    }
  } catch (error) {
    if (error.code !== "ENOENT") throw error
  } finally {
    rmSync(guard, { recursive: true, force: true })
  }
}

/**
 * Runs `work` while this process alone holds `lock` (a folder that does not exist otherwise).
 *
 * @template A
 * @param {string} lock
 * @param {() => Promise<A>} work
 * @param {string} doing what the holder is doing, for the line that a waiting process prints
 * @returns {Promise<A>}
 */
export const withLock = async (lock, work, doing = "installing") => {
  let told = false
  while (!tryTake(lock)) {
    if (isDead(lock)) {
      takeAway(lock)
      continue
    }
    if (!told) {
      say(`another run is ${doing} (process ${holderOf(lock)?.pid ?? "unknown"}); waiting for it`)
      told = true
    }
    await pause(200)
  }
  const alive = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(lock, now, now)
    } catch {
      // the folder was removed by hand: the work goes on, and the end has nothing to release
    }
  }, beat)
  const release = () => rmSync(lock, { recursive: true, force: true })
  const onSignal = (signal) => {
    release()
    process.exit(128 + os.constants.signals[signal])
  }
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"]
  for (const signal of signals) process.on(signal, onSignal)
  try {
    return await work()
  } finally {
    for (const signal of signals) process.off(signal, onSignal)
    clearInterval(alive)
    release()
  }
}
