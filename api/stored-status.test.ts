import { expect, test } from 'vitest'

import { decodeIngestStatus } from './stored-status.ts'

test("ingest's status is read, and what it does not know yet is left out", () => {
  const status = {
    chainHeadBlock: 12,
    finalizedBlock: -1,
    blocksPerSecond: 0.5,
    errorCode: 'RPC_DOWN',
    errorText: 'expected an answer',
  }
  expect(decodeIngestStatus(JSON.stringify(status))).toEqual({
    headBlock: 12,
    blocksPerSecond: 0.5,
    errors: ['RPC_DOWN: expected an answer'],
  })
  expect(decodeIngestStatus('{"chainHeadBlock":3,"errorCode":""}')).toEqual({
    headBlock: 3,
    errors: [],
  })
  expect(decodeIngestStatus('null')).toEqual({})
})
