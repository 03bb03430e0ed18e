import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  connectDevnet,
  deploy,
  mine,
  registerAsset,
  devnetAccounts,
  startAnvil,
} from '@foggara/devnet'
import { expect, test } from 'vitest'

import { eventually, startFoggara } from './running-foggara.ts'

test(
  'a chain that rewrites what it had called final stops the index, not the answers',
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'foggara-deep-reorg-'))
    await using anvil = await startAnvil()
    const deployment = await deploy(anvil.rpcUrl)
    const devnet = connectDevnet(anvil.rpcUrl, deployment)
    const [owner] = devnetAccounts.testers
    await registerAsset(devnet, { owner: owner.address, kind: 'MODEL', name: 'Kept' })
    await mine(devnet, 90)
    await registerAsset(devnet, { owner: owner.address, kind: 'MODEL', name: 'Rewritten' })
    await mine(devnet, 30)
    const file = join(folder, 'deployment.json')
    writeFileSync(file, JSON.stringify(deployment))
    {
      await using foggara = await startFoggara({
        dataDir: join(folder, 'state'),
        environment: { FOGGARA_RPC_URL: anvil.rpcUrl, FOGGARA_DEPLOYMENT: file },
      })
      const before = await eventually('blocks are settled', 30_000, async () => {
        const { _meta, assets } = await foggara.query<Answer>(ASK)
        return (_meta.settledBlock ?? -1) >= 64 ? { _meta, assets } : undefined
      })
      await devnet.rpc.request('anvil_reorg', 35, [])
      await mine(devnet, 3)
      const health = await eventually('the index says so', 60_000, async () => {
        const answer = await fetch(`${foggara.url}/health`)
        return answer.status === 503 ? ((await answer.json()) as Health) : undefined
      })
      expect(health.reasons.join(' ')).toContain('CHAIN_REORG_BELOW_FINALITY')
      const after = await foggara.query<Answer>(ASK)
      expect(after.assets).toEqual(before.assets)
      expect(after._meta.settledBlock).toBe(before._meta.settledBlock)
    }
    rmSync(folder, { recursive: true, force: true })
  },
)

const ASK = '{ _meta { settledBlock } assets(first: 1) { totalCount nodes { name } } }'

type Answer = {
  _meta: { settledBlock: number | null }
  assets: { totalCount: number; nodes: readonly { name: string }[] }
}

type Health = { reasons: readonly string[] }
