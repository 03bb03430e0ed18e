/** Appends bits to bytes, the lowest bit of each byte first. */
export class BitWriter {
  bytes = new Uint8Array(2 ** 18)
  length = 0
  #waiting = 0
  #waitingCount = 0

  /** Forgets what was written. */
  clear(): void {
    this.length = 0
    this.#waiting = 0
    this.#waitingCount = 0
  }

  /** Makes room for `bitCount` more bits. */
  reserve(bitCount: number): void {
    const needed = this.length + 8 + Math.ceil(bitCount / 8)
    if (needed <= this.bytes.length) return
    const longer = new Uint8Array(Math.max(needed, 2 * this.bytes.length))
    longer.set(this.bytes)
    this.bytes = longer
  }

  /** Appends the lowest `count` bits of a value without higher ones; at most 32. */
  bits(value: number, count: number): void {
    if (count > 24) {
      this.#few(value & 0xff_ffff, 24)
      this.#few(value >>> 24, count - 24)
    } else {
      this.#few(value, count)
    }
  }

  /** Appends `zeroCount` zeros and a one. */
  unary(zeroCount: number): void {
    let rest = zeroCount
    for (; rest >= 24; rest -= 24) this.#few(0, 24)
    this.#few(1 << rest, rest + 1)
  }

  /** Fills the last byte with zeros. */
  end(): void {
    if (this.#waitingCount > 0) this.#few(0, 8 - this.#waitingCount)
  }

  #few(value: number, count: number): void {
    let waiting = this.#waiting | (value << this.#waitingCount)
    let waitingCount = this.#waitingCount + count
    while (waitingCount >= 8) {
      this.bytes[this.length++] = waiting
      waiting >>>= 8
      waitingCount -= 8
    }
    this.#waiting = waiting
    this.#waitingCount = waitingCount
  }
}
