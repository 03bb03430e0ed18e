import { readFileSync, readdirSync } from 'node:fs'

// What Linux says of processes.

/** Processor time that a process and its threads have had. Unit: seconds. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  // Linux counts it in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Memory that a process has. Unit: MiB. */
export function memoryMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

/** Processor time by the names of a process's threads. Unit: seconds. */
export function secondsByThread(pid: number): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>()
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      const text = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')
      const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      const spent = (Number(fields[11]) + Number(fields[12])) / 100
      seconds.set(name, (seconds.get(name) ?? 0) + spent)
    } catch {
      // The thread has ended.
    }
  }
  return seconds
}
