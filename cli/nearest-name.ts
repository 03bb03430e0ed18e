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

/** Changed, missing, superfluous and swapped letters, one each. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= a.length; row++) {
    rows.push([row])
    for (let column = 1; column <= b.length; column++) {
      const changed = at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swapped = isSwap ? at(row - 2, column - 2) + 1 : Infinity
      const moved = Math.min(at(row - 1, column), at(row, column - 1)) + 1
      rows[row]?.push(Math.min(changed, swapped, moved))
    }
  }
  return at(a.length, b.length)
}
