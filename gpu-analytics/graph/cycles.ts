import type { Lineage } from './lineage.ts'

/** The cycles that were found; `isComplete` is false when there are more than were asked for. */
export type Cycles = {
  /** Each starts at its least name and follows the parents; ascending. */
  readonly cycles: readonly (readonly string[])[]
  readonly isComplete: boolean
}

/**
 * The cycles of a lineage, each once: paths along parents that come back to their start without
 * passing any other name twice. There may be exponentially many, so at most `cycleCountMax` cycles
 * are listed and at most `stepCountMax` names visited.
 */
export function cyclesOf(lineage: Lineage, cycleCountMax = 1000, stepCountMax = 1_000_000): Cycles {
  const cycles: (readonly string[])[] = []
  let stepCount = 0
  for (const group of cycleGroupsOf(lineage)) {
    const members = new Set(group)
    for (const start of group) {
      const path: Frame[] = [{ name: start, parents: lineage.parents.get(start) ?? [], place: 0 }]
      const onPath = new Set([start])
      for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
        if (++stepCount > stepCountMax) return { cycles, isComplete: false }
        const parent = frame.parents[frame.place++]
        if (parent === undefined) {
          path.pop()
          onPath.delete(frame.name)
        } else if (parent === start) {
          if (cycles.length === cycleCountMax) return { cycles, isComplete: false }
          cycles.push(path.map(({ name }) => name))
        } else if (members.has(parent) && parent > start && !onPath.has(parent)) {
          path.push({ name: parent, parents: lineage.parents.get(parent) ?? [], place: 0 })
          onPath.add(parent)
        }
      }
    }
  }
  return { cycles, isComplete: true }
}

/**
 * The knots of a lineage: every strongly connected group of more than one name, and every name that
 * depends on itself. Tarjan's algorithm with its own stack, so depth is no limit.
 */
export function cycleGroupsOf(lineage: Lineage): readonly (readonly string[])[] {
  const search: Search = {
    next: 0,
    index: new Map(),
    low: new Map(),
    stack: [],
    onStack: new Set(),
  }
  const cycles: string[][] = []
  for (const name of lineage.names) {
    if (!search.index.has(name)) connect(lineage.parents, name, search, cycles)
  }
  return cycles.toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))
}

type Search = {
  next: number
  readonly index: Map<string, number>
  readonly low: Map<string, number>
  readonly stack: string[]
  readonly onStack: Set<string>
}

type Frame = { readonly name: string; readonly parents: readonly string[]; place: number }

function connect(
  parents: ReadonlyMap<string, readonly string[]>,
  root: string,
  search: Search,
  cycles: string[][],
): void {
  const frames: Frame[] = [enter(parents, root, search)]
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const parent = frame.parents[frame.place++]
    if (parent === undefined) {
      frames.pop()
      leave(parents, frame.name, search, cycles)
      const below = frames.at(-1)
      if (below !== undefined) lower(search, below.name, search.low.get(frame.name))
    } else if (!search.index.has(parent)) {
      frames.push(enter(parents, parent, search))
    } else if (search.onStack.has(parent)) {
      lower(search, frame.name, search.index.get(parent))
    }
  }
}

function enter(
  parents: ReadonlyMap<string, readonly string[]>,
  name: string,
  search: Search,
): Frame {
  search.index.set(name, search.next)
  search.low.set(name, search.next)
  search.next++
  search.stack.push(name)
  search.onStack.add(name)
  return { name, parents: parents.get(name) ?? [], place: 0 }
}

function leave(
  parents: ReadonlyMap<string, readonly string[]>,
  name: string,
  search: Search,
  cycles: string[][],
): void {
  if (search.low.get(name) !== search.index.get(name)) return
  const group = search.stack.splice(search.stack.lastIndexOf(name))
  for (const member of group) search.onStack.delete(member)
  const isCycle = group.length > 1 || (parents.get(name) ?? []).includes(name)
  if (isCycle) cycles.push(group.toSorted())
}

function lower(search: Search, name: string, candidate: number | undefined): void {
  const current = search.low.get(name)
  if (candidate === undefined || (current !== undefined && current <= candidate)) return
  search.low.set(name, candidate)
}
