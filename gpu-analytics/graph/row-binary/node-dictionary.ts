import { FatalError } from '@foggara/schema'

/** The number that `find` gives an id that is not in the dictionary. */
export const UNKNOWN_NODE = 0xffff_ffff

const ID_BYTES = 32
const ID_WORDS = 8

/**
 * Ids of 32 bytes and their numbers, in the order in which they were added. Numbers never change, so
 * that what one epoch numbered still fits in the next.
 */
export class NodeDictionary {
  #nodeCount = 0
  #words = new Uint32Array(ID_WORDS * 1024)
  /** Open addressing: a number and one, or 0 where a slot is free; at most half are taken. */
  #slots = new Uint32Array(4096)

  /**
   * The dictionary whose ids these bytes are, as `idBytes` gave them.
   *
   * @throws {NodeDictionaryError} when an id is there twice or cut.
   */
  static of(idBytes: Uint8Array): NodeDictionary {
    const dictionary = new NodeDictionary()
    dictionary.add(idBytes)
    const idCount = idBytes.length / ID_BYTES
    if (dictionary.nodeCount !== idCount) {
      throw new NodeDictionaryError(`${idCount} ids`, `${dictionary.nodeCount} different ones`)
    }
    return dictionary
  }

  /** How many ids there are. */
  get nodeCount(): number {
    return this.#nodeCount
  }

  /** All ids, one after the other, by their numbers. */
  idBytes(): Uint8Array {
    return new Uint8Array(this.#words.buffer, 0, this.#nodeCount * ID_BYTES).slice()
  }

  /** The id of a node. */
  idOf(node: number): Uint8Array {
    const end = Math.min(node + 1, this.#nodeCount)
    return new Uint8Array(this.#words.buffer).slice(node * ID_BYTES, end * ID_BYTES)
  }

  /**
   * The numbers of ids, one after the other; new ids get the next numbers.
   *
   * @throws {NodeDictionaryError} when the last id is cut.
   */
  add(idBytes: Uint8Array): Uint32Array {
    const words = wordsOf(idBytes)
    const nodes = new Uint32Array(words.length / ID_WORDS)
    for (let index = 0; index < nodes.length; index++) {
      nodes[index] = this.addAt(words, ID_WORDS * index)
    }
    return nodes
  }

  /** The numbers of ids; `UNKNOWN_NODE` for those that are not there. */
  find(idBytes: Uint8Array): Uint32Array {
    const words = wordsOf(idBytes)
    const nodes = new Uint32Array(words.length / ID_WORDS)
    for (let index = 0; index < nodes.length; index++) {
      const slot = this.#slotOf(words, ID_WORDS * index)
      nodes[index] = (this.#slots[slot] ?? 0) - 1
    }
    return nodes
  }

  /** The number of the id in the eight words from `at` on; a new id gets the next number. */
  addAt(words: Uint32Array, at: number): number {
    const slot = this.#slotOf(words, at)
    const found = this.#slots[slot] ?? 0
    if (found > 0) return found - 1
    const node = this.#nodeCount++
    if (ID_WORDS * node === this.#words.length) {
      const longer = new Uint32Array(2 * this.#words.length)
      longer.set(this.#words)
      this.#words = longer
    }
    for (let word = 0; word < ID_WORDS; word++) {
      this.#words[ID_WORDS * node + word] = words[at + word] ?? 0
    }
    this.#slots[slot] = node + 1
    if (2 * this.#nodeCount >= this.#slots.length) this.#spread()
    return node
  }

  /** The slot of an id, or the free slot where it belongs. */
  #slotOf(words: Uint32Array, at: number): number {
    const mask = this.#slots.length - 1
    let slot = hashAt(words, at) & mask
    for (;;) {
      const found = this.#slots[slot] ?? 0
      if (found === 0 || this.#isSame(found - 1, words, at)) return slot
      slot = (slot + 1) & mask
    }
  }

  #isSame(node: number, words: Uint32Array, at: number): boolean {
    const own = ID_WORDS * node
    for (let word = 0; word < ID_WORDS; word++) {
      if (this.#words[own + word] !== words[at + word]) return false
    }
    return true
  }

  #spread(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length)
    for (let node = 0; node < this.#nodeCount; node++) {
      this.#slots[this.#slotOf(this.#words, ID_WORDS * node)] = node + 1
    }
  }
}

function hashAt(words: Uint32Array, at: number): number {
  let hash = 0x9e3779b9
  for (let word = 0; word < ID_WORDS; word++) {
    hash = Math.imul(hash ^ (words[at + word] ?? 0), 0x85ebca6b)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}

function wordsOf(idBytes: Uint8Array): Uint32Array {
  if (idBytes.length % ID_BYTES !== 0) {
    throw new NodeDictionaryError('ids of 32 bytes', `${idBytes.length} bytes`)
  }
  const isAligned = idBytes.byteOffset % 4 === 0
  const bytes = isAligned ? idBytes : idBytes.slice()
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
}

/** Bytes that should be different ids are not. */
export class NodeDictionaryError extends FatalError {
  constructor(expected: string, found: string) {
    super('NODE_DICTIONARY_MALFORMED', `node dictionary: expected ${expected}, found ${found}`)
  }
}
