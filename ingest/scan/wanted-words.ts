import type { Hex } from '@foggara/schema'

import { type BloomBits, bloomBits } from '../chain/bloom.ts'

/** A sequence of bytes that is looked for in a column: an address or a first topic. */
export type Wanted = {
  readonly text: Hex
  readonly words: Uint32Array
  /** Its number among all that are wanted. */
  readonly slot: number
  readonly bits: () => BloomBits
}

/** Sequences of equal length, found by their first word. */
export class WantedWords<Found extends { readonly words: Uint32Array } = Wanted> {
  readonly #byFirst = new Map<number, Found[]>()

  add(wanted: Found): void {
    const first = wanted.words[0] ?? 0
    const others = this.#byFirst.get(first)
    if (others === undefined) this.#byFirst.set(first, [wanted])
    else others.push(wanted)
  }

  delete(wanted: Found): void {
    const first = wanted.words[0] ?? 0
    const others = (this.#byFirst.get(first) ?? []).filter((each) => each !== wanted)
    if (others.length === 0) this.#byFirst.delete(first)
    else this.#byFirst.set(first, others)
  }

  find(column: Uint32Array, at: number): Found | undefined {
    return this.#byFirst.get(column[at] ?? 0)?.find(({ words }) => {
      for (let word = 1; word < words.length; word += 1) {
        if (words[word] !== column[at + word]) return false
      }
      return true
    })
  }
}

/** The words of some hex digits, as they lie in columns. */
export function wordsOf(text: Hex): Uint32Array {
  return new Uint32Array(Uint8Array.from(Buffer.from(text.slice(2), 'hex')).buffer)
}

/** What is wanted of some texts, numbered on from `slots`. */
export function wantedOf(texts: readonly Hex[], slots: { count: number }): readonly Wanted[] {
  return texts.map((text) => {
    let bits: BloomBits | undefined
    slots.count += 1
    return {
      text,
      words: wordsOf(text),
      slot: slots.count - 1,
      bits: () => (bits ??= bloomBits(text)),
    }
  })
}
