import path from 'node:path'

import { type ReceiptIntake, openReceiptIntake } from '@foggara/ingest'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { createBoard } from '../live/board.ts'
import { readMemory } from '../live/read-memory.ts'
import { watchedIntake } from '../live/watch-receipts.ts'
import { serviceMetrics } from '../metrics/service-metrics.ts'
import { buildDashboards } from './dashboards-build.ts'
import { readDeployment } from './deployment-file.ts'
import { checkPort } from './free-port.ts'
import { intakeOptions } from './intake-options.ts'
import { timedLog } from './log-lines.ts'
import { DeploymentMissingError } from './open-chain.ts'
import { openOwnDatabase } from './open-database.ts'
import { checkReceiptStream, receiveReceipts } from './receive-receipts.ts'
import { repository } from './repository.ts'
import { serveApi } from './serve-api.ts'
import { aborted, surroundingsOf } from './surroundings.ts'
import { visitQuarantine } from './visit-quarantine.ts'

/** Runs `foggara serve`: the API over a database that others write, until it is stopped. */
export async function runServe(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  checkReceiptStream(config)
  const log = timedLog(context, config)
  if (config.deployment === undefined) throw new DeploymentMissingError('deployment')
  const deployment = await readDeployment(path.resolve(context.directory, config.deployment))
  await checkPort(config.host, config.port)
  await using database = await openOwnDatabase(config, context.directory, log)
  await buildDashboards(repository(), context.stopped, log)
  const surroundings = surroundingsOf(context, context.stopped)
  const board = createBoard(context.nowMs)
  board.setMemory(() => readMemory(database.pid(), undefined))
  const opened = flagOption(options, 'receipts')
    ? await openReceiptIntake({
        client: database.client,
        deployment,
        ...intakeOptions(config),
        ...surroundings,
      })
    : undefined
  const intake = opened === undefined ? undefined : watchedIntake(opened, board, context.nowMs)
  await using api = await serveApi({
    config,
    database,
    chainId: deployment.chainId,
    intake,
    status: async () => ({}),
    metrics: async () => serviceMetrics(board.reading()),
    log,
  })
  log(`api: listening on ${api.url}`)
  const takeReceipts = (from: ReceiptIntake) =>
    Promise.all([
      visitQuarantine(from, surroundings, log),
      receiveReceipts({ config, intake: from, surroundings, log }),
    ])
  const taking = intake === undefined ? [] : [takeReceipts(intake)]
  await Promise.race([aborted(context.stopped), database.failed, ...taking])
  return 0
}
