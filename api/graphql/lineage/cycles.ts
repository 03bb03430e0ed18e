import { compareIds, invariant } from '@foggara/schema'

type Visit = {
  readonly node: string
  readonly next: Iterator<string>
}

/**
 * The strongly connected sets of a directed graph that hold a cycle, self loops included: each set
 * ascending, the sets ordered by their first member. Tarjan's algorithm without recursion.
 */
export function cyclesOf(
  edges: readonly (readonly [string, string])[],
): readonly (readonly string[])[] {
  const targets = new Map<string, string[]>()
  const looped = new Set<string>()
  for (const [source, target] of edges) {
    targets.set(source, [...(targets.get(source) ?? []), target])
    if (source === target) looped.add(source)
  }
  const sets = componentsOf(targets).filter(
    (set) => set.length > 1 || set.some((node) => looped.has(node)),
  )
  return sets
    .map((set) => set.toSorted(compareIds))
    .toSorted((a, b) => compareIds(a[0] ?? '', b[0] ?? ''))
}

function componentsOf(targets: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const components: string[][] = []

  const enter = (node: string): Visit => {
    order.set(node, order.size)
    low.set(node, order.size - 1)
    open.push(node)
    isOpen.add(node)
    return { node, next: (targets.get(node) ?? []).values() }
  }
  const leave = (node: string): void => {
    if (low.get(node) !== order.get(node)) return
    const at = open.lastIndexOf(node)
    const component = open.splice(at)
    for (const member of component) isOpen.delete(member)
    components.push(component)
  }
  const lower = (node: string, candidate: number | undefined): void => {
    const current = low.get(node)
    invariant(current !== undefined && candidate !== undefined, 'every visited node has an order')
    low.set(node, Math.min(current, candidate))
  }

  for (const start of targets.keys()) {
    if (order.has(start)) continue
    const path = [enter(start)]
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const step = visit.next.next()
      if (step.done === true) {
        path.pop()
        leave(visit.node)
        const parent = path.at(-1)
        if (parent !== undefined) lower(parent.node, low.get(visit.node))
      } else if (!order.has(step.value)) path.push(enter(step.value))
      else if (isOpen.has(step.value)) lower(visit.node, order.get(step.value))
    }
  }
  return components
}
