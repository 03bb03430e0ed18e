/** The hashes found so far, as a table of cases by engines. */
export class Matrix {
  readonly #rows = new Map<string, Map<string, string>>()
  readonly #engines = new Set<string>()

  /** Notes what an engine gave for a case; `-` when the case was left out. */
  record(name: string, engine: string, found: string): void {
    this.#engines.add(engine)
    const row = this.#rows.get(name) ?? new Map<string, string>()
    row.set(engine, found)
    this.#rows.set(name, row)
  }

  /** One line per case: how many engines gave its hash, who was left out, and who differs. */
  toString(): string {
    const engines = [...this.#engines]
    const width = Math.max(...[...this.#rows.keys()].map((name) => name.length))
    const legend = engines.map((engine, index) => `  ${letterOf(index)} ${engine}`)
    const head = `${' '.repeat(width)}  ${engines.map((_, index) => letterOf(index)).join(' ')}  hash`
    const lines = [...this.#rows].map(([name, row]) => {
      const hash = [...row.values()].find((found) => found !== '-') ?? ''
      const cells = engines.map((engine) => cellOf(row.get(engine), hash))
      return `${name.padEnd(width)}  ${cells.join(' ')}  ${hash.slice(0, 16)}`
    })
    return ['= the same hash   - left out   ! another hash', ...legend, head, ...lines].join('\n')
  }
}

function cellOf(found: string | undefined, hash: string): string {
  if (found === undefined) return ' '
  if (found === '-') return '-'
  return found === hash ? '=' : '!'
}

function letterOf(index: number): string {
  return String.fromCodePoint(65 + index)
}
