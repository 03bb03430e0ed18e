import { type FormEvent, type ReactElement, useId, useState } from 'react'

import { isAddress } from '../../format/hex.ts'

/** Asks for the account that is to be explained. */
export function ExplainForm(props: { readonly explain: (account: string) => void }): ReactElement {
  const inputId = useId()
  const [isWrong, setWrong] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget).get('account')
    const account = typeof typed === 'string' ? typed.trim().toLowerCase() : ''
    setWrong(!isAddress(account))
    if (isAddress(account)) props.explain(account)
  }
  return (
    <form className="filters" onSubmit={submit}>
      <label className="small muted" htmlFor={inputId}>
        Explain one account
      </label>
      <input
        id={inputId}
        name="account"
        className="field mono wide"
        placeholder="0x…"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? `${inputId}-wrong` : undefined}
        onChange={() => setWrong(false)}
      />
      <button type="submit" className="button">
        Explain
      </button>
      {isWrong ? (
        <span className="small wrong" id={`${inputId}-wrong`} role="alert">
          An address is 0x and 40 hexadecimal digits.
        </span>
      ) : null}
    </form>
  )
}
