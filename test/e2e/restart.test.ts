import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { runFoggara } from './command.ts'
import { type RunningFoggara, eventually, startFoggara } from './running-foggara.ts'

test(
  'a killed Foggara leaves no process behind and goes on from where it was',
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'foggara-restart-'))
    const dataDir = join(folder, 'state')
    try {
      const before = await observe(await startFoggara({ dataDir }), 'SIGKILL')
      await eventually('every child has ended', 20_000, async () =>
        processesNaming(dataDir).length === 0 ? true : undefined,
      )
      const after = await observe(await startFoggara({ dataDir }), 'SIGTERM')
      expect(after.epoch).toEqual(before.epoch)
      expect(after.past).toEqual(before.past)
      expect(after.head).toBeGreaterThanOrEqual(before.past.block.number)
      expect(processesNaming(dataDir)).toEqual([])

      const { code, output } = await runFoggara(['verify', '1'], { FOGGARA_DATA_DIR: dataDir })
      expect(output.match(/equal/g)?.length).toBeGreaterThanOrEqual(3)
      expect(code).toBe(0)

      const royalties = await runFoggara(['royalties', '--json'], { FOGGARA_DATA_DIR: dataDir })
      const { royaltyCount, tokens } = JSON.parse(royalties.output) as Royalties
      expect(royaltyCount).toBeGreaterThan(500)
      expect(tokens).toMatchObject([{ totals: { relinked: '0', policy: '0', unexplained: '0' } }])
      expect(royalties.code).toBe(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)

/** Waits for epoch 1 and three more blocks, notes what must stay, and ends the process. */
async function observe(foggara: RunningFoggara, signal: NodeJS.Signals): Promise<Observation> {
  let first: number | undefined
  try {
    const seen = await eventually('epoch 1 and new blocks', 90_000, async () => {
      const answer = await foggara.query<Answer>(OBSERVE)
      first ??= answer._meta.block.number
      return answer.epoch !== null && answer._meta.block.number >= first + 3 ? answer : undefined
    })
    return { epoch: seen.epoch, past: seen.past, head: seen._meta.block.number }
  } finally {
    await foggara.end(signal)
  }
}

function processesNaming(text: string): readonly string[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' })
  return table.split('\n').filter((line) => line.includes(text))
}

const OBSERVE = `{
  _meta { block { number } }
  past: _meta(at: { number: 100 }) { block { number hash } }
  epoch(number: 1) { root manifestHash cumulativeTotal }
}`

type Answer = {
  _meta: { block: { number: number } }
  past: { block: { number: number; hash: string } }
  epoch: { root: string; manifestHash: string; cumulativeTotal: string } | null
}

type Royalties = { royaltyCount: number; tokens: readonly unknown[] }

type Observation = { epoch: Answer['epoch']; past: Answer['past']; head: number }
