import fs from "node:fs"

/**
 * CPU time that a process has used, all threads, in nanoseconds. Read from outside, so that a busy event loop does not
 * delay the sample. The first figure of schedstat is the time on a CPU (kernel, Documentation/scheduler/sched-stats).
 */
export const cpuTime = (pid: number): number => {
  let nanos = 0
  for (const thread of fs.readdirSync(`/proc/${pid}/task`)) {
    try {
      nanos += Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0])
    } catch {
      // a thread that has just ended; its time is lost, which is far below what is measured
    }
  }
  return nanos
}
