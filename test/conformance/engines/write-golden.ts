import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { referenceEngine } from '@foggara/gpu-analytics'

import { flowHash, rankHash } from './digests.ts'
import { FLOW_CASES } from './flow-cases.ts'
import { RANK_CASES } from './rank-cases.ts'

/** Writes the golden hashes from the definition: only when a case is added, never to make a test pass. */
async function main(): Promise<void> {
  const rank: Record<string, string> = {}
  for (const { name, problem } of RANK_CASES) {
    const start = process.cpuUsage()
    rank[name] = rankHash(await referenceEngine.rank(problem()))
    console.log(`${name}: ${Math.round(process.cpuUsage(start).user / 1000)} ms`)
  }
  const flow: Record<string, string> = {}
  for (const { name, problem } of FLOW_CASES) {
    flow[name] = flowHash(await referenceEngine.flow(problem()))
  }
  const text = `${JSON.stringify({ rank, flow }, undefined, 2)}\n`
  writeFileSync(join(import.meta.dirname, 'golden.json'), text)
}

await main()
