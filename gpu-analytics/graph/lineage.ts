/** One asset as a lineage file names it: what it depends on is a list of names, known or not. */
export type LineageRecord = { readonly name: string; readonly dependencies: readonly string[] }

/** A named dependency graph whose names may be unresolved, repeated or cyclic. */
export type Lineage = {
  /** The names of the records, ascending, each once. */
  readonly names: readonly string[]
  /** Per name, its distinct dependencies that are records themselves, ascending. */
  readonly parents: ReadonlyMap<string, readonly string[]>
  /** Per name, the distinct records that depend on it, ascending. */
  readonly children: ReadonlyMap<string, readonly string[]>
  /** Names that something depends on and that are no record, with who does; both ascending. */
  readonly unresolved: ReadonlyMap<string, readonly string[]>
  readonly recordCount: number
  /** Dependencies as written, repeated ones included. */
  readonly dependencyCount: number
  /** Names that more than one record carries; their dependencies are joined. Ascending. */
  readonly repeatedNames: readonly string[]
}

/** A name that was reached, with the fewest steps that lead to it. */
export type Reached = { readonly name: string; readonly depth: number }

/** Builds a lineage; the order of the records does not matter. */
export function buildLineage(records: readonly LineageRecord[]): Lineage {
  const parents = new Map<string, Set<string>>()
  const repeated = new Set<string>()
  for (const { name } of records) {
    if (parents.has(name)) repeated.add(name)
    parents.set(name, new Set())
  }
  const children = new Map<string, Set<string>>()
  const unresolved = new Map<string, Set<string>>()
  let dependencyCount = 0
  for (const { name, dependencies } of records) {
    for (const dependency of dependencies) {
      dependencyCount++
      if (parents.has(dependency)) {
        parents.get(name)?.add(dependency)
        addTo(children, dependency, name)
      } else {
        addTo(unresolved, dependency, name)
      }
    }
  }
  return {
    names: [...parents.keys()].toSorted(),
    parents: sorted(parents),
    children: sorted(children),
    unresolved: sorted(unresolved),
    recordCount: records.length,
    dependencyCount,
    repeatedNames: [...repeated].toSorted(),
  }
}

/** Everything that `name` comes from, within `depthMax` steps, each once, nearest first. */
export function ancestorsOf(lineage: Lineage, name: string, depthMax = Infinity): Reached[] {
  return reach(lineage.parents, name, depthMax)
}

/** Everything that comes from `name`, within `depthMax` steps, each once, nearest first. */
export function descendantsOf(lineage: Lineage, name: string, depthMax = Infinity): Reached[] {
  return reach(lineage.children, name, depthMax)
}

/** The names that the ancestors of `name` (itself included) depend on without there being a record. */
export function unresolvedParentsOf(lineage: Lineage, name: string): string[] {
  const within = new Set([name, ...ancestorsOf(lineage, name).map((reached) => reached.name)])
  return [...lineage.unresolved]
    .filter(([, dependants]) => dependants.some((dependant) => within.has(dependant)))
    .map(([missing]) => missing)
}

function reach(
  edges: ReadonlyMap<string, readonly string[]>,
  start: string,
  depthMax: number,
): Reached[] {
  const depths = new Map([[start, 0]])
  let frontier = [start]
  for (let depth = 1; depth <= depthMax && frontier.length > 0; depth++) {
    const next = new Set(frontier.flatMap((name) => edges.get(name) ?? []))
    frontier = [...next].filter((name) => !depths.has(name)).toSorted()
    for (const name of frontier) depths.set(name, depth)
  }
  depths.delete(start)
  return [...depths].map(([name, depth]) => ({ name, depth }))
}

function addTo(lists: Map<string, Set<string>>, key: string, value: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, new Set([value]))
  else list.add(value)
}

function sorted(lists: ReadonlyMap<string, ReadonlySet<string>>): Map<string, readonly string[]> {
  return new Map(
    [...lists]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, members]) => [name, [...members].toSorted()]),
  )
}
