import { OptionMalformedError } from './arguments.ts'
import { type OptionValues, textOption } from './command.ts'
import { parseDecimal } from './files/decimal.ts'

const Q32 = 1n << 32n

/** A whole number of base units given as an option. */
export function amountOption(options: OptionValues, name: string): bigint | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  if (!/^(0|[1-9][0-9]*)$/.test(text)) {
    throw new OptionMalformedError(`--${name}`, 'a whole number of base units', text)
  }
  return BigInt(text)
}

/** A whole number between two bounds given as an option. */
export function countOption(
  options: OptionValues,
  name: string,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const count = /^\d{1,15}$/.test(text) ? Number(text) : -1
  if (count < bounds.min || count > bounds.max) {
    throw new OptionMalformedError(
      `--${name}`,
      `a whole number from ${bounds.min} to ${bounds.max}`,
      text,
    )
  }
  return count
}

/** A fraction below 1 as u32 / 2^32, floored. */
export function fractionQ32Option(options: OptionValues, name: string): number | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const { digits, scale } = parseDecimal(text, `--${name}`)
  const whole = 10n ** BigInt(scale)
  if (digits >= whole) throw new OptionMalformedError(`--${name}`, 'a fraction below 1', text)
  return Number((digits * Q32) / whole)
}

/** One of a few words given as an option. */
export function wordOption<const Word extends string>(
  options: OptionValues,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const word = words.find((candidate) => candidate === text)
  if (word === undefined) {
    throw new OptionMalformedError(`--${name}`, `one of ${words.join(', ')}`, text)
  }
  return word
}

/** Some of a few words given as an option, with commas between. */
export function wordsOption<const Word extends string>(
  options: OptionValues,
  name: string,
  words: readonly Word[],
): readonly Word[] | undefined {
  const texts = textOption(options, name)?.split(',')
  return texts?.map((text) => {
    const word = words.find((candidate) => candidate === text.trim())
    if (word !== undefined) return word
    throw new OptionMalformedError(`--${name}`, `some of ${words.join(', ')}`, text)
  })
}
