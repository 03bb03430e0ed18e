import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { openClient } from './client.ts'
import { startScratchDatabase } from './scratch-database.ts'
import { command, insertRows, queryRows } from './statements.ts'
import { startDatabase } from './supervisor.ts'

const MOUNT = '/bin/mount'
const UNMOUNT = '/bin/umount'

const small = mkdtempSync(join(tmpdir(), 'foggara-small-disk-'))
const mounted =
  spawnSync(MOUNT, ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', small], { stdio: 'ignore' })
    .status === 0

afterAll(() => {
  if (mounted) spawnSync(UNMOUNT, ['--lazy', small])
  rmSync(small, { recursive: true, force: true })
})

const BATCH_ROWS = 4_000

function batch(
  number: number,
): { readonly batch: number; readonly x: number; readonly text: string }[] {
  return Array.from({ length: BATCH_ROWS }, (_row, x) => ({
    batch: number,
    x,
    text: Array.from({ length: 8 }, (_part, part) =>
      (x * 7919 + part * 104_729 + number).toString(36),
    ).join(''),
  }))
}

const name = mounted
  ? 'a full disk refuses inserts, keeps answering, loses nothing and takes repeats when it has room'
  : 'a full disk (not tried: mounting a small disk needs root and a system that lets it)'

test.runIf(mounted)(name, async () => {
  await using scratch = await startScratchDatabase({
    dataDir: join(small, 'data'),
    keepFreeMib: 24,
  })
  const { writer } = scratch
  await command(
    writer,
    'create table t (batch UInt32, x UInt32, text String) engine = MergeTree order by x',
  )
  const insert = (number: number): Promise<void> =>
    insertRows(writer, 't', batch(number), {
      deduplicationToken: number.toString(16).padStart(8, '0'),
    })
  const ballast = join(small, 'ballast')
  writeFileSync(ballast, Buffer.alloc(freeBytes() - 40 * 1024 * 1024))
  let acknowledged = 0
  const full = (async () => {
    while (acknowledged < 2_000) {
      await insert(acknowledged)
      acknowledged += 1
    }
  })()
  await expect(full).rejects.toMatchObject({ code: 'DATABASE_DISK_FULL', retryable: true })
  expect(acknowledged).toBeGreaterThan(0)
  const count = 'select count() as n, uniqExact(batch, x) as different from t'
  const total = String(acknowledged * BATCH_ROWS)
  expect(await queryRows(writer, count)).toEqual([{ n: total, different: total }])
  rmSync(ballast)
  for (let number = 0; number <= acknowledged; number += 1) await insert(number)
  const more = String((acknowledged + 1) * BATCH_ROWS)
  expect(await queryRows(writer, count)).toEqual([{ n: more, different: more }])
})

test.runIf(mounted)(
  'on a disk without any room the database says so instead of starting',
  async () => {
    const full = join(small, 'full')
    writeFileSync(full, Buffer.alloc(freeBytes()))
    const start = startDatabase({ dataDir: join(small, 'other'), log: () => undefined })
    await expect(start).rejects.toMatchObject({ code: 'DISK_FULL', retryable: true })
    rmSync(full)
    await using database = await startDatabase({
      dataDir: join(small, 'other'),
      log: () => undefined,
    })
    const client = openClient(database)
    expect(await queryRows(client, 'select 1 as one')).toEqual([{ one: 1 }])
    await client.close()
  },
)

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(small)
  return bavail * bsize
}
