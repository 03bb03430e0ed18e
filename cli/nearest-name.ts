/** The name most like `found`, or undefined when none is within a third of its length. */
export function nearestName(found: string, names: readonly string[]): string | undefined {
  const distanceMax = Math.max(1, Math.floor(found.length / 3))
  let nearest: { readonly name: string; readonly distance: number } | undefined
  for (const name of names) {
    const distance = editDistance(found.toLowerCase(), name.toLowerCase())
    if (distance <= distanceMax && (nearest === undefined || distance < nearest.distance)) {
      nearest = { name, distance }
    }
  }
  return nearest?.name
}

/** A sentence that offers the nearest name, or all of them when none is near. */
export function suggestion(found: string, names: readonly string[]): string {
  const nearest = nearestName(found, names)
  return nearest === undefined ? `Known: ${names.join(', ')}.` : `Did you mean ${nearest}?`
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const removed = (previous[column] ?? 0) + 1
      const added = (current[column - 1] ?? 0) + 1
      current.push(Math.min(substituted, removed, added))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
