import { FatalError, RetryableError } from '@foggara/schema'
import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'

import { errorFormatter } from './format-error.ts'

test('errors raised on purpose keep code and hint; others are logged and become INTERNAL_ERROR', () => {
  const logged: string[] = []
  const format = errorFormatter((line) => logged.push(line))
  const wrap = (original: Error): unknown => {
    const error = new GraphQLError(original.message, { originalError: original, path: ['asset'] })
    return format({ message: error.message, path: ['asset'] }, error)
  }
  expect(
    wrap(new FatalError('CURSOR_MALFORMED', 'expected a cursor', { hint: 'Pass it.' })),
  ).toEqual({
    message: 'expected a cursor',
    path: ['asset'],
    extensions: { code: 'CURSOR_MALFORMED', hint: 'Pass it.', retryable: false },
  })
  expect(wrap(new RetryableError('DATABASE_BUSY', 'expected an answer'))).toMatchObject({
    extensions: { code: 'DATABASE_BUSY', retryable: true },
  })
  expect(logged).toEqual([])
  expect(wrap(new Error('select secret from table /var/lib'))).toEqual({
    message: 'expected an answer, found an internal error',
    path: ['asset'],
    extensions: { code: 'INTERNAL_ERROR', retryable: false },
  })
  expect(logged).toHaveLength(1)
})
