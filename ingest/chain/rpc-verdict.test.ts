import { expect, test } from 'vitest'

import { ERROR_CORPUS } from '../simulation/error-corpus.ts'
import { usableHint, verdictOf } from './rpc-verdict.ts'

test.for(ERROR_CORPUS.map((entry) => [textOf(entry), entry.means, entry] as const))(
  '%s means %s',
  ([, , { status, error, means, limit, suggested }]) => {
    const failure = { status: status ?? 200, ...(error === undefined ? {} : { error }) }
    expect(verdictOf(failure)).toEqual({
      type: means,
      ...(limit === undefined ? {} : { limit }),
      ...(suggested === undefined ? {} : { suggested }),
    })
  },
)

test('a limit is understood in whichever of message and data it stands', () => {
  for (const { error, means } of ERROR_CORPUS) {
    if (error === undefined || error.data !== undefined || error.code === 3) continue
    const hidden = { code: error.code, message: 'invalid params', data: { reason: error.message } }
    expect(verdictOf({ error: hidden }).type, error.message).toBe(
      // The words that stand for themselves only count as a whole message.
      error.message === 'limit exceeded' ? 'rate-limited' : means,
    )
  }
})

test('a hint is taken only when it begins with the request and is shorter', () => {
  const asked = { from: 100, to: 199 }
  expect(usableHint({ from: 100, to: 149 }, asked)).toBe(50)
  expect(usableHint({ from: 100, to: 100 }, asked)).toBe(1)
  for (const hint of [
    undefined,
    { from: 100, to: 199 },
    { from: 0, to: 150 },
    { from: 120, to: 150 },
    { from: 100, to: 99 },
    { from: 300, to: 400 },
  ]) {
    expect(usableHint(hint, asked)).toBeUndefined()
  }
})

function textOf({ who, status, error }: (typeof ERROR_CORPUS)[number]): string {
  return `${who}: ${error === undefined ? `HTTP ${status}` : error.message.slice(0, 60)}`
}
