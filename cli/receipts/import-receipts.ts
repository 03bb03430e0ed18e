import path from 'node:path'

import {
  type FileReport,
  type ReceiptGate,
  importFiles,
  openHttpGate,
  openReceiptIntake,
  watchFiles,
} from '@foggara/ingest'
import type { Deployment, FoggaraError } from '@foggara/schema'

import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'
import { type Config, loadConfig } from '../config.ts'
import { readDeployment } from '../service/deployment-file.ts'
import { verifyThreadCount } from '../service/intake-options.ts'
import { timedLog } from '../service/log-lines.ts'
import { type OpenDatabase, openDatabaseToWrite } from '../service/open-database.ts'
import { duration } from '../service/progress.ts'
import { readRunning } from '../service/running-file.ts'
import { type Surroundings, surroundingsOf } from '../service/surroundings.ts'
import { visitQuarantine } from '../service/visit-quarantine.ts'

/** Runs `foggara receipts import PATH…`. */
export async function importReceipts(
  paths: readonly string[],
  options: OptionValues,
  context: Context,
): Promise<number> {
  const config = await loadConfig(options, context)
  const to = receiverOption(options)
  const log = timedLog(context)
  await using database = await openDatabaseToWrite(config, context.directory, log)
  const surroundings = surroundingsOf(context, context.stopped)
  const gate = await openGate(to, { config, context, database, surroundings })
  const isWatching = flagOption(options, 'watch')
  const asJson = flagOption(options, 'json')
  let hasProblem = false
  const files = paths.map((name) => path.resolve(context.directory, name))
  const progress = progressLine(context)
  const visiting = isWatching ? visitQuarantine(gate, surroundings, log) : undefined
  await (isWatching ? watchFiles : importFiles)(files, {
    client: database.client,
    gate,
    surroundings,
    onStep: (report) => {
      if (report.state === 'reading') log(progress(report))
    },
    onFile: (report) => {
      hasProblem ||= report.problem !== undefined || report.rejectedCount > 0
      context.print(asJson ? JSON.stringify(jsonOf(report)) : summary(report))
      if (report.problem !== undefined) warn(context, report.problem)
    },
    onTrouble: (error) => {
      hasProblem = true
      warn(context, error)
    },
  })
  // What waited for something that came with a later file.
  await (visiting ?? gate.revisit())
  if (isWatching) return 0
  if (context.stopped.aborted) return 130
  return hasProblem ? 1 : 0
}

type GateParts = {
  readonly config: Config
  readonly context: Context
  readonly database: OpenDatabase
  readonly surroundings: Surroundings
}

async function openGate(to: string | undefined, parts: GateParts): Promise<ReceiptGate> {
  const { config, context, database, surroundings } = parts
  const dataDirectory = path.resolve(context.directory, config.dataDirectory)
  const running = config.clickhouseUrl === undefined ? await readRunning(dataDirectory) : undefined
  const url = to ?? (running === undefined ? undefined : `${running.url}/receipts`)
  if (url !== undefined) return openHttpGate({ url, ...surroundings })
  return openReceiptIntake({
    client: database.client,
    deployment: await deploymentOf(config, context),
    threadCount: verifyThreadCount(),
    ...surroundings,
  })
}

async function deploymentOf(config: Config, context: Context): Promise<Deployment> {
  if (config.deployment !== undefined) {
    return readDeployment(path.resolve(context.directory, config.deployment))
  }
  const { devnetDeployment } = await import('@foggara/devnet')
  return devnetDeployment()
}

function receiverOption(options: OptionValues): string | undefined {
  const text = textOption(options, 'to')
  if (text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new OptionMalformedError('--to', 'http://HOST:PORT/receipts', text)
}

function progressLine(context: Context): (report: FileReport) => string {
  const startMs = context.nowMs()
  let lineCount = 0
  return (report) => {
    lineCount = report.line - report.linesBefore
    const seconds = Math.max(0.001, (context.nowMs() - startMs) / 1000)
    const share = report.readBytes / Math.max(1, report.size)
    const left = share > 0 ? `, ${duration((seconds * (1 - share)) / share)} left` : ''
    const rate = `${Math.round(lineCount / seconds)} lines/s`
    const percent = Math.floor(100 * share)
    return `receipts: ${report.path} ${percent} %, ${report.line} lines, ${rate}${left}`
  }
}

function summary(report: FileReport): string {
  const counts = [...report.codes].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const codes = counts.map(([code, count]) => `${code} ${count}`).join(', ')
  const before = report.linesBefore > 0 ? `, ${report.linesBefore} of them before` : ''
  return `${report.path}: ${report.state}, ${report.line} lines${before}${codes && `; ${codes}`}`
}

function jsonOf({ path: file, state, size, line, linesBefore, codes, problem }: FileReport) {
  const wrong = problem === undefined ? {} : { code: problem.code, message: problem.message }
  return { path: file, state, size, line, linesBefore, codes: Object.fromEntries(codes), ...wrong }
}

function warn(context: Context, error: FoggaraError): void {
  context.warn(`${error.code} ${error.message}`)
  if (error.hint !== undefined) context.warn(`  hint: ${error.hint}`)
}
