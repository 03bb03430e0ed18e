const PADDING = 16

/** Reads bits from bytes, the lowest bit of each byte first; past the end it finds zeros. */
export class BitReader {
  readonly #view: DataView
  readonly #length: number
  #at = 0
  /** Bits of the byte at `#at` that have been read. */
  #done = 0

  constructor(bytes: Uint8Array) {
    const padded = new Uint8Array(bytes.length + PADDING)
    padded.set(bytes)
    this.#view = new DataView(padded.buffer)
    this.#length = bytes.length
  }

  /** Whether more was read than there is. */
  isPastEnd(): boolean {
    return this.#at > this.#length || (this.#at === this.#length && this.#done > 0)
  }

  /** Whether all was read but for the zeros that fill the last byte. */
  isAtEnd(): boolean {
    if (this.#at + 1 === this.#length) return this.#view.getUint8(this.#at) >>> this.#done === 0
    return this.#at === this.#length && this.#done === 0
  }

  /**
   * Reads numbers in Rice codes of `parameter` bits and writes the ascending list of which they are
   * the gaps; false when one is not below `bound` or the bits end before. All state is in locals:
   * this loop takes most of the time of unpacking a graph.
   */
  ascending(
    parameter: number,
    bound: number,
    list: Uint32Array,
    first: number,
    end: number,
  ): boolean {
    const view = this.#view
    const length = this.#length
    const scale = 2 ** parameter
    const mask = (1 << parameter) - 1
    let at = this.#at
    let done = this.#done
    let former = -1
    for (let index = first; index < end; index++) {
      let word = wordAt(view, at, done)
      let zeros = 0
      while (word === 0 && at < length) {
        zeros += 32
        at += 4
        word = at > length ? 0 : wordAt(view, at, done)
      }
      if (word === 0) return false
      const more = 31 - Math.clz32(word & -word)
      let rest = word >>> (more + 1)
      done += more + 1
      if (more + 1 + parameter > 32) {
        at += done >>> 3
        done &= 7
        if (at > length) return false
        rest = wordAt(view, at, done)
      }
      former += (zeros + more) * scale + (rest & mask) + 1
      done += parameter
      at += done >>> 3
      done &= 7
      if (!(former < bound) || at > length) return false
      list[index] = former
    }
    this.#at = at
    this.#done = done
    return !this.isPastEnd()
  }

  /** Reads zeros up to a one and returns how many there were. */
  unary(): number {
    let zeroCount = 0
    let word = this.#peek()
    while (word === 0) {
      if (this.#at >= this.#length) break
      zeroCount += 32
      this.#at += 4
      word = this.#peek()
    }
    const zeros = word === 0 ? 0 : 31 - Math.clz32(word & -word)
    this.#skip(zeros + 1)
    return zeroCount + zeros
  }

  /** Reads a number of `count` bits, at most 31. */
  bits(count: number): number {
    const word = this.#peek() & ((1 << count) - 1)
    this.#skip(count)
    return word
  }

  #peek(): number {
    return this.#at > this.#length ? 0 : wordAt(this.#view, this.#at, this.#done)
  }

  #skip(count: number): void {
    const done = this.#done + count
    this.#at += done >>> 3
    this.#done = done & 7
  }
}

/** The 32 bits that follow `done` bits, at most 7, of the byte `at`. */
function wordAt(view: DataView, at: number, done: number): number {
  return (view.getUint32(at, true) >>> done) | ((view.getUint8(at + 4) << 1) << (31 - done))
}
