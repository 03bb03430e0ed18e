/** The hashes found so far, as a table of cases by engines. */
export class Matrix {
  readonly #rows: ReadonlyMap<string, Map<string, string>>
  readonly #engines: readonly string[]

  constructor(cases: readonly string[], engines: readonly string[]) {
    this.#rows = new Map(cases.map((name) => [name, new Map<string, string>()]))
    this.#engines = engines
  }

  /** Notes what an engine gave for a case; `-` when the case was left out. */
  record(name: string, engine: string, found: string): void {
    this.#rows.get(name)?.set(engine, found)
  }

  /** One line per case: how many engines gave its hash, who was left out, and who differs. */
  toString(): string {
    const engines = this.#engines
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
