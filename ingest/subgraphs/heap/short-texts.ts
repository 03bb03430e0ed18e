/** Texts of up to so many UTF-16 units are looked up instead of decoded. */
export const SHORT_TEXT_UNITS_MAX = 44

const SLOT_COUNT = 4096

/**
 * Texts that were read before, found by their units: names of types and fields come again with every
 * entity, and a text that is known already has its hash.
 */
export type ShortTexts = {
  /** The text of these units; undefined where it was not kept. */
  find(units: Uint16Array, at: number, length: number): string | undefined
  /** Keeps a text of units that {@link find} did not find; well-formed and without NUL. */
  keep(text: string): void
}

/** Opens an empty collection of a bounded size: a text may push another one out. */
export function openShortTexts(): ShortTexts {
  const slots: (string | undefined)[] = Array.from({ length: SLOT_COUNT }, () => undefined)
  return {
    find: (units, at, length) => {
      let hash = length
      for (let index = at; index < at + length; index += 1) {
        hash = (Math.imul(hash, 31) + (units[index] ?? 0)) | 0
      }
      const text = slots[hash & (SLOT_COUNT - 1)]
      if (text === undefined || text.length !== length) return undefined
      for (let index = 0; index < length; index += 1) {
        if (text.charCodeAt(index) !== units[at + index]) return undefined
      }
      return text
    },
    keep: (text) => {
      let hash = text.length
      for (let index = 0; index < text.length; index += 1) {
        hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
      }
      slots[hash & (SLOT_COUNT - 1)] = text
    },
  }
}
