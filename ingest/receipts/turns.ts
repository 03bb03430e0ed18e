/** Something that waits, with what it weighs. */
export type Waits = { readonly byteLength: number }

/**
 * A queue for each of many keys. They take turns, so that whoever sends much waits for himself and not
 * others for him; what one key sends stays in its order.
 */
export class Turns<Item extends Waits> {
  readonly #queues = new Map<string, Item[]>()
  readonly #byteLengths = new Map<string, number>()
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What a key has waiting. Unit: bytes. */
  byteLengthOf(key: string): number {
    return this.#byteLengths.get(key) ?? 0
  }

  push(key: string, item: Item): void {
    this.#queueOf(key).push(item)
    this.#count(key, item.byteLength, 1)
  }

  /** Puts back what was taken: it is the first of its key again. */
  putBack(key: string, item: Item): void {
    this.#queueOf(key).unshift(item)
    this.#count(key, item.byteLength, 1)
  }

  /** Takes from one key after the other until so much is taken; one item at least, if there is any. */
  take(countMax: number, byteLengthMax: number): readonly Item[] {
    const taken: Item[] = []
    let byteLength = 0
    for (const [key, queue] of this.#queues) {
      const [first] = queue
      if (first === undefined) continue
      byteLength += first.byteLength
      const isFull = taken.length >= countMax || byteLength > byteLengthMax
      if (isFull && taken.length > 0) return taken
      taken.push(first)
      queue.shift()
      // Behind the others, where the loop comes again: the next time begins with whoever was not served.
      this.#queues.delete(key)
      if (queue.length > 0) this.#queues.set(key, queue)
      this.#count(key, -first.byteLength, -1)
    }
    return taken
  }

  #queueOf(key: string): Item[] {
    const queue = this.#queues.get(key) ?? []
    this.#queues.set(key, queue)
    return queue
  }

  #count(key: string, byteLength: number, count: number): void {
    this.#length += count
    const total = this.byteLengthOf(key) + byteLength
    if (this.#queues.has(key)) this.#byteLengths.set(key, total)
    else this.#byteLengths.delete(key)
  }
}
