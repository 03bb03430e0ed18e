import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint-file.ts'

let directory: string
let file: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-checkpoint-'))
  file = path.join(directory, 'rank.checkpoint')
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

const checkpoint = {
  iterationCount: 7,
  delta: 2n ** 61n,
  problemDigest: 'abc',
  scores: BigUint64Array.of(1n, 2n ** 63n, 3n),
}

test('a checkpoint is read as it was written, until it is removed', async () => {
  expect(await readCheckpoint(file)).toBeUndefined()
  await writeCheckpoint(file, checkpoint)
  expect(await readCheckpoint(file)).toEqual(checkpoint)
  await removeCheckpoint(file)
  expect(await readCheckpoint(file)).toBeUndefined()
})

test('a checkpoint that is cut, changed or none is refused', async () => {
  await writeCheckpoint(file, checkpoint)
  const whole = await readFile(file)
  const changed = Buffer.from(whole)
  changed[changed.length - 1] = 9
  for (const bytes of [whole.subarray(0, -1), changed, whole.subarray(0, 50), Buffer.from('x')]) {
    await writeFile(file, bytes)
    await expect(readCheckpoint(file)).rejects.toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_MALFORMED' }),
    )
  }
})
