import { InvariantError } from '@foggara/schema'
import { expect, test } from 'vitest'

import { openClient } from './client.ts'
import { insertRowBinary, insertRows, queryRows } from './statements.ts'

/** Port 1 of this machine: nothing listens there. */
const NOWHERE = { url: 'http://127.0.0.1:1', username: 'default', password: '' }

test('a database that does not answer is unreachable, and trying again may help', async () => {
  const client = openClient(NOWHERE)
  await expect(queryRows(client, 'select secret')).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    retryable: true,
    message: 'expected an answer of the database, found ECONNREFUSED',
  })
  await client.close()
})

test('a deduplication token that is not lower-case hex is a defect of the caller', async () => {
  const client = openClient(NOWHERE)
  for (const deduplicationToken of ["x\\'; drop table t; --", '', 'ABC', 'a'.repeat(129)]) {
    const options = { deduplicationToken }
    await expect(insertRows(client, 't', [{ a: 1 }], options)).rejects.toThrow(InvariantError)
    const bytes = new Uint8Array(1)
    await expect(insertRowBinary(client, 't', ['a'], bytes, options)).rejects.toThrow(
      InvariantError,
    )
  }
  await client.close()
})

test('inserting no rows asks nothing of the database', async () => {
  const client = openClient(NOWHERE)
  await expect(insertRows(client, 't', [])).resolves.toBeUndefined()
  await expect(insertRowBinary(client, 't', ['a'], new Uint8Array(0))).resolves.toBeUndefined()
  await client.close()
})
