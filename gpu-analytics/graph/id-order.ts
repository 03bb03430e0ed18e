/**
 * Orders ids by the bytes of their UTF-8 text, as ClickHouse and DuckDB order strings.
 *
 * JavaScript compares UTF-16 code units, which differs from UTF-8 only where a surrogate pair meets
 * U+E000 to U+FFFF; lifting the surrogates above that range gives the same order.
 */
export function compareIdBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return liftSurrogate(left) - liftSurrogate(right)
  }
  return a.length - b.length
}

function liftSurrogate(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
