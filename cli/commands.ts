import type { Command } from './command.ts'
import { chainsCommand } from './commands/chains.ts'
import { coverageCommand } from './commands/coverage.ts'
import { devnetCommand } from './commands/devnet.ts'
import { digestCommand } from './commands/digest.ts'
import { doctorCommand } from './commands/doctor.ts'
import { exportCommand } from './commands/export.ts'
import { graphCommand } from './commands/graph.ts'
import { ingestCommand } from './commands/ingest.ts'
import { lineageCommand } from './commands/lineage.ts'
import { receiptsCommand } from './commands/receipts.ts'
import { royaltiesCommand } from './commands/royalties.ts'
import { rulesCommand } from './commands/rules.ts'
import { scoreCommand } from './commands/score.ts'
import { serveCommand } from './commands/serve.ts'
import { startCommand } from './commands/start.ts'
import { subgraphCommand } from './commands/subgraph.ts'
import { verifyCommand } from './commands/verify.ts'

/** Every command, in the order of `foggara --help`. */
export const COMMANDS: readonly Command[] = [
  startCommand,
  devnetCommand,
  ingestCommand,
  chainsCommand,
  receiptsCommand,
  scoreCommand,
  graphCommand,
  serveCommand,
  verifyCommand,
  coverageCommand,
  digestCommand,
  rulesCommand,
  exportCommand,
  royaltiesCommand,
  subgraphCommand,
  doctorCommand,
  lineageCommand,
]
