/** A link of the drawn graph: `from` stands left of `to`. */
export type GraphLink = { readonly from: string; readonly to: string }

/**
 * Turns links around until there is no cycle: those that lead back to a node on the path of a
 * depth-first walk in ascending order of ids. Self loops and repeats are left out.
 */
export function acyclicLinks(
  ids: readonly string[],
  links: readonly GraphLink[],
): readonly GraphLink[] {
  const next = successors(ids, links)
  const state = new Map<string, 'open' | 'done'>()
  const turned = new Map<string, GraphLink>()
  const visit = (id: string): void => {
    state.set(id, 'open')
    for (const to of next.get(id) ?? []) {
      const back = state.get(to) === 'open'
      const link = back ? { from: to, to: id } : { from: id, to }
      turned.set(`${link.from} ${link.to}`, link)
      if (!state.has(to)) visit(to)
    }
    state.set(id, 'done')
  }
  for (const id of ids.toSorted(byText)) if (!state.has(id)) visit(id)
  return [...turned.values()].toSorted((a, b) => byText(a.from, b.from) || byText(a.to, b.to))
}

/**
 * The layer of each node: links lead to a higher layer. Whatever leads to `focus` stands as near to
 * it as its longest path allows; everything else as far left as it can.
 */
export function assignLayers(
  ids: readonly string[],
  links: readonly GraphLink[],
  focus: string,
): ReadonlyMap<string, number> {
  const next = successors(ids, links)
  const order = topologicalOrder(ids, next)
  const before = new Map<string, number>([[focus, 0]])
  for (const id of order.toReversed()) {
    for (const to of next.get(id) ?? []) {
      const distance = before.get(to)
      if (distance === undefined) continue
      before.set(id, Math.max(before.get(id) ?? 0, distance + 1))
    }
  }
  const depth = Math.max(...before.values())
  const layers = new Map<string, number>()
  for (const id of order) {
    const distance = before.get(id)
    if (distance !== undefined) layers.set(id, depth - distance)
    const layer = layers.get(id) ?? 0
    layers.set(id, layer)
    for (const to of next.get(id) ?? []) {
      if (!before.has(to)) layers.set(to, Math.max(layers.get(to) ?? 0, layer + 1))
    }
  }
  return layers
}

/** Ascending by UTF-16 code units: the same everywhere, unlike a locale's order. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function successors(
  ids: readonly string[],
  links: readonly GraphLink[],
): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, Set<string>>(ids.map((id) => [id, new Set()]))
  for (const { from, to } of links) {
    if (from !== to && next.has(to)) next.get(from)?.add(to)
  }
  return new Map([...next].map(([id, targets]) => [id, [...targets].toSorted(byText)]))
}

function topologicalOrder(
  ids: readonly string[],
  next: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const order: string[] = []
  const seen = new Set<string>()
  const visit = (id: string): void => {
    seen.add(id)
    for (const to of next.get(id) ?? []) if (!seen.has(to)) visit(to)
    order.push(id)
  }
  for (const id of ids.toSorted(byText)) if (!seen.has(id)) visit(id)
  return order.toReversed()
}
