import type { MemoryStore } from '../entity-cache/memory-store.ts'

/** Everything that a store holds as text, for tests that compare two. */
export function storeState(store: MemoryStore) {
  return {
    versions: store.versions().map(text),
    proofs: store.proofs().map(text),
    sources: store.createdSources().map(text),
    failures: store.failures().map(text),
    last: text(store.lastBlock()),
  }
}

function text(value: unknown): string | undefined {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return item.toString()
    if (item instanceof Map) return [...item]
    return item instanceof Uint8Array ? Buffer.from(item).toString('hex') : item
  })
}
