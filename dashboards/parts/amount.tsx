import { type ReactElement, createContext, useContext } from 'react'

import { type Token, formatColumn, formatCompact, formatExact } from '../format/amount.ts'
import { useCopy } from './copy-button.tsx'

/** The token that amounts are written in, as the API names it. */
export const TokenContext = createContext<Token>({ symbol: 'FOG', decimals: 18 })

/** Whether amounts are written with every digit. */
export const EveryDigitContext = createContext(false)

/** An amount in a column of amounts; every digit is in its title. Unit: base units. */
export function Amount({ units }: { readonly units: string }): ReactElement {
  const { decimals, symbol } = useContext(TokenContext)
  const everyDigit = useContext(EveryDigitContext)
  const exact = formatExact(units, decimals)
  return (
    <span className="amount" data-zero={units === '0'} title={`${exact} ${symbol}`}>
      {everyDigit ? exact : formatColumn(units, decimals)}
    </span>
  )
}

/** An amount in a headline, short; pressing it copies the base units. Unit: base units. */
export function HeadlineAmount({ units }: { readonly units: string }): ReactElement {
  const { decimals, symbol } = useContext(TokenContext)
  const everyDigit = useContext(EveryDigitContext)
  const { isCopied, copy } = useCopy(units)
  const exact = formatExact(units, decimals)
  return (
    <button
      type="button"
      className="amount"
      title={`${exact} ${symbol}\nPress to copy the base units`}
      onClick={copy}
    >
      {everyDigit ? exact : formatCompact(units, decimals)}
      <span className="unit">{symbol}</span>
      <span className="visually-hidden" role="status">
        {isCopied ? 'Base units copied' : ''}
      </span>
    </button>
  )
}
