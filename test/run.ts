import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ensureChromium } from './chromium.ts'

/**
 * `npm test`: makes sure that Chromium is there, builds the dashboards, runs every test and closes
 * with one line that says how many passed and failed.
 */
async function main(): Promise<number> {
  ensureChromium((line) => console.log(line))
  const built = await run([
    'node_modules/vite/bin/vite.js',
    'build',
    'dashboards',
    '--logLevel',
    'warn',
  ])
  if (built !== 0) {
    console.log('dashboards: the build failed')
    console.log('0 passed, 1 failed')
    return 1
  }
  const folder = mkdtempSync(join(tmpdir(), 'foggara-test-'))
  const report = join(folder, 'report.json')
  const arguments_ = process.argv.slice(2)
  const code = await run([
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...arguments_,
  ])
  const { passed, failed, skipped } = readReport(report)
  rmSync(folder, { recursive: true, force: true })
  const broken = failed === 0 && code !== 0 ? 1 : failed
  console.log(`${passed} passed, ${broken} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`)
  return code
}

function run(command: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

function readReport(path: string): { passed: number; failed: number; skipped: number } {
  try {
    const report: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return {
      passed: count(report, 'numPassedTests'),
      failed: count(report, 'numFailedTests') + failedFiles(report),
      skipped: count(report, 'numPendingTests') + count(report, 'numTodoTests'),
    }
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

function count(report: unknown, key: string): number {
  const value = (report as Record<string, unknown>)[key]
  return typeof value === 'number' ? value : 0
}

/** Files that failed before they had any test. */
function failedFiles(report: unknown): number {
  const files = (
    report as { testResults?: readonly { status: string; assertionResults: readonly unknown[] }[] }
  ).testResults
  return (files ?? []).filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
}

process.exitCode = await main()
