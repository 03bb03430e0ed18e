import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'

import type { Published } from './measurement.ts'
import { pictureOf } from './picture.ts'

/**
 * `npm run bench [-- NAME…] [-- --scale N]`: asks every question of this folder, or those named, each
 * in a process of its own, and keeps the answers as dated JSON and as a picture.
 */

const RESULTS = join(import.meta.dirname, 'results')

/** Each file can be run alone as well. */
const QUESTIONS: Readonly<Record<string, string>> = {
  rank: 'cpu/rank-speed.ts',
  sql: 'sql.ts',
  build: 'build.ts',
  shapley: 'shapley.ts',
  engines: 'engines.ts',
  subgraph: 'subgraph.ts',
  'graph-node': 'graph-node.ts',
  ingest: 'ingest.ts',
  receipts: 'receipts.ts',
}

async function main(): Promise<number> {
  const named = process.argv.slice(2).filter((argument) => argument in QUESTIONS)
  const options = process.argv.slice(2).filter((argument) => !(argument in QUESTIONS))
  const names = named.length === 0 ? Object.keys(QUESTIONS) : named
  const folder = mkdtempSync(join(tmpdir(), 'foggara-bench-'))
  const findings: Published[] = []
  let failed = 0
  for (const [index, name] of names.entries()) {
    console.log(`\n[${index + 1} of ${names.length}] ${name}`)
    const file = join(folder, `${name}.json`)
    const code = await run(join(import.meta.dirname, QUESTIONS[name] ?? ''), [
      '--json',
      file,
      ...options,
    ])
    if (code === 0) findings.push(read(file))
    else failed++
  }
  rmSync(folder, { recursive: true, force: true })
  if (findings.length > 0) keep(findings)
  return failed
}

function keep(findings: readonly Published[]): void {
  const day = new Date().toISOString().slice(0, 10)
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    coreCount: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
  mkdirSync(RESULTS, { recursive: true })
  const path = join(RESULTS, day)
  writeFileSync(`${path}.json`, `${JSON.stringify({ day, machine, findings }, null, 2)}\n`)
  const title = `${day}: ${machine.processor}, ${machine.coreCount} cores, Node ${machine.node}`
  writeFileSync(`${path}.svg`, pictureOf(title, findings))
  console.log(`\nkept as bench/results/${day}.json and .svg`)
}

function run(file: string, options: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...options], { stdio: 'inherit' })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

function read(file: string): Published {
  return JSON.parse(readFileSync(file, 'utf8')) as Published
}

process.exitCode = await main()
