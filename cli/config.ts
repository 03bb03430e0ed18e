import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { FatalError } from '@foggara/schema'
import { z } from 'zod'

import type { ChainSettings } from './chains/chain-settings.ts'
import type { Context, OptionSpec, OptionValues } from './command.ts'
import { SERVICE_ENGINES, type ServiceEngine, THREAD_COUNT_MAX } from './engine/engine-names.ts'
import { LOG_FORMATS, type LogFormat } from './log/log-entry.ts'
import { MEMORY_MB_MIN } from './memory/memory-shares.ts'
import { nearestName, suggestion } from './nearest-name.ts'

/** What a `foggara.config.ts` may say; everything is optional. */
export type ConfigFile = Partial<Config>

/** The settings of one run, after flags, environment, file and defaults. */
export type Config = {
  /** The port of dashboards, GraphQL and receipts. */
  readonly port: number
  readonly host: string
  /** Where the embedded database and the local chain keep their state. */
  readonly dataDirectory: string
  /** A ClickHouse server to use instead of the embedded one. */
  readonly clickhouseUrl: string | undefined
  /** A chain to follow instead of the local one. */
  readonly rpcUrl: string | undefined
  /** Other providers of that chain: they stand in for the first, and witness what it says. */
  readonly otherRpcUrls: readonly string[]
  /** What shows that no log is missing from a block. */
  readonly proof: 'accumulators' | 'receipts'
  /** The file that says where the contracts live on that chain (JSON, see docs/operations.md). */
  readonly deployment: string | undefined
  /** The seed of the local economy: the same seed gives the same chain. */
  readonly devnetSeed: string
  /** Whether closed epochs are proposed on chain (needs a proposer key). */
  readonly proposeRoots: boolean
  /** Whether proposed roots are activated once their challenge window has passed. */
  readonly activateRoots: boolean
  /** What computes the scores of closed epochs; no bit of a result depends on it. */
  readonly engine: ServiceEngine
  /** Compiled subgraphs that `start` runs into its database; undefined for none. */
  readonly subgraphs: readonly string[] | undefined
  /** How many threads the WASM engine may use; undefined: as many as the machine has cores. */
  readonly engineThreads: number | undefined
  /** Other chains to index, by name, or a JSON file of them; docs/adapters.md. */
  readonly chains: Readonly<Record<string, ChainSettings>> | string | undefined
  /** A NATS stream to receive receipts from: `nats://host:port/STREAM`; undefined for none. */
  readonly receiptStream: string | undefined
  /** How many receipts a second one signing key may send. */
  readonly receiptRate: number
  /** Whether a service tells what happens in lines for people or in JSON. */
  readonly log: LogFormat
  /** Whether metrics are served with the API, or on which port of their own. */
  readonly metrics: 'on' | 'off' | number
  /** What the service and the embedded database may hold together, in megabytes; undefined: any. */
  readonly memory: number | undefined
}

/** Gives a `foggara.config.ts` its types: `export default defineConfig({ port: 4100 })`. */
export function defineConfig(config: ConfigFile): ConfigFile {
  return config
}

type Setting = {
  readonly environment: string
  readonly flag: string
  readonly placeholder: string
  readonly schema: z.ZodType
  readonly fallback: string | number | boolean | undefined
  readonly description: string
}

const whole = z.coerce.number().int().min(0)
const truth = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1'),
])
const httpUrl = z.url({ protocol: /^https?$/ })
const rpcUrl = z.url({ protocol: /^(?:http|ws)s?$/ })
const folders = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((folder) => folder.trim()) : value),
  z.array(z.string().min(1)).optional(),
)
const rpcUrls = z.preprocess(
  (value) =>
    typeof value === 'string' ? value.split(/[\s,]+/).filter((url) => url !== '') : value,
  z.array(rpcUrl).max(16),
)

/** Every setting with its names and its default, from which files, help and checks are made. */
export const SETTINGS: Readonly<Record<keyof Config, Setting>> = {
  port: {
    environment: 'FOGGARA_PORT',
    flag: 'port',
    placeholder: 'PORT',
    schema: whole.max(65_535),
    fallback: 4000,
    description: 'port of dashboards, GraphQL and receipts (0: any free one)',
  },
  host: {
    environment: 'FOGGARA_HOST',
    flag: 'host',
    placeholder: 'HOST',
    schema: z.string().min(1),
    fallback: '127.0.0.1',
    description: 'address to listen on',
  },
  dataDirectory: {
    environment: 'FOGGARA_DATA_DIR',
    flag: 'data-dir',
    placeholder: 'DIR',
    schema: z.string().min(1),
    fallback: '.foggara',
    description: 'where the embedded database and the local chain keep their state',
  },
  clickhouseUrl: {
    environment: 'FOGGARA_CLICKHOUSE_URL',
    flag: 'clickhouse-url',
    placeholder: 'URL',
    schema: httpUrl.optional(),
    fallback: undefined,
    description: 'a ClickHouse server to use instead of the embedded one',
  },
  rpcUrl: {
    environment: 'FOGGARA_RPC_URL',
    flag: 'rpc-url',
    placeholder: 'URL',
    schema: rpcUrl.optional(),
    fallback: undefined,
    description: 'a chain to follow instead of the local one (http, https, ws, wss)',
  },
  otherRpcUrls: {
    environment: 'FOGGARA_OTHER_RPC_URLS',
    flag: 'other-rpc-urls',
    placeholder: 'URL,URL',
    schema: rpcUrls,
    fallback: '',
    description: 'other providers of that chain, which stand in for the first and check it',
  },
  proof: {
    environment: 'FOGGARA_PROOF',
    flag: 'proof',
    placeholder: 'NAME',
    schema: z.enum(['accumulators', 'receipts']),
    fallback: 'accumulators',
    description:
      'what shows that no log is missing: accumulators of the contracts, or receipts of each block',
  },
  deployment: {
    environment: 'FOGGARA_DEPLOYMENT',
    flag: 'deployment',
    placeholder: 'FILE',
    schema: z.string().min(1).optional(),
    fallback: undefined,
    description: 'JSON with chainId, startBlock and every address (not needed for a devnet)',
  },
  devnetSeed: {
    environment: 'FOGGARA_DEVNET_SEED',
    flag: 'seed',
    placeholder: 'TEXT',
    schema: z.coerce.string().min(1).max(100),
    fallback: 'foggara',
    description: 'seed of the local economy; the same seed gives the same chain',
  },
  proposeRoots: {
    environment: 'FOGGARA_PROPOSE_ROOTS',
    flag: 'propose-roots',
    placeholder: 'true|false',
    schema: truth,
    fallback: true,
    description: 'propose the roots of closed epochs (needs FOGGARA_PROPOSER_KEY off the devnet)',
  },
  activateRoots: {
    environment: 'FOGGARA_ACTIVATE_ROOTS',
    flag: 'activate-roots',
    placeholder: 'true|false',
    schema: truth,
    fallback: true,
    description: 'activate proposed roots once their challenge window has passed',
  },
  engine: {
    environment: 'FOGGARA_ENGINE',
    flag: 'engine',
    placeholder: 'NAME',
    schema: z.enum(SERVICE_ENGINES),
    fallback: 'auto',
    description: `what computes scores: ${SERVICE_ENGINES.join(', ')}; the bits are the same`,
  },
  subgraphs: {
    environment: 'FOGGARA_SUBGRAPHS',
    flag: 'subgraphs',
    placeholder: 'DIR,DIR',
    schema: folders,
    fallback: undefined,
    description: 'compiled subgraphs to run into the same database (default: none)',
  },
  engineThreads: {
    environment: 'FOGGARA_ENGINE_THREADS',
    flag: 'threads',
    placeholder: 'N',
    schema: whole.min(1).max(THREAD_COUNT_MAX).optional(),
    fallback: undefined,
    description: 'threads of the WASM engine (default: one per core)',
  },
  chains: {
    environment: 'FOGGARA_CHAINS',
    flag: 'chains',
    placeholder: 'FILE',
    schema: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
    fallback: undefined,
    description: 'JSON of other chains to index beside the deployment, by name (docs/adapters.md)',
  },
  receiptStream: {
    environment: 'FOGGARA_RECEIPT_STREAM',
    flag: 'receipt-stream',
    placeholder: 'URL',
    schema: z.string().min(1).optional(),
    fallback: undefined,
    description: 'receive receipts from JetStream as well, such as nats://127.0.0.1:4222/receipts',
  },
  receiptRate: {
    environment: 'FOGGARA_RECEIPT_RATE',
    flag: 'receipt-rate',
    placeholder: 'N',
    schema: whole.min(1).max(1_000_000_000),
    fallback: 50_000,
    description: 'receipts a second of one signing key; four times as many may come at once',
  },
  log: {
    environment: 'FOGGARA_LOG',
    flag: 'log',
    placeholder: 'FORMAT',
    schema: z.enum(LOG_FORMATS),
    fallback: 'text',
    description: `how a service tells what happens: ${LOG_FORMATS.join(', ')}`,
  },
  metrics: {
    environment: 'FOGGARA_METRICS',
    flag: 'metrics',
    placeholder: 'on|off|PORT',
    schema: z.union([z.enum(['on', 'off']), whole.max(65_535)]),
    fallback: 'on',
    description: 'serve /metrics with the API, not at all, or on a port of its own',
  },
  memory: {
    environment: 'FOGGARA_MEMORY_MB',
    flag: 'memory-mb',
    placeholder: 'MB',
    schema: whole.min(MEMORY_MB_MIN).optional(),
    fallback: undefined,
    description: `megabytes that service and embedded database may hold, ${MEMORY_MB_MIN} at least`,
  },
}

/** Environment variables that are no settings: secrets and switches for people. */
const OTHER_VARIABLES = [
  'FOGGARA_PROPOSER_KEY',
  'FOGGARA_DEBUG',
  'FOGGARA_CONFIG',
  'FOGGARA_KNOWN_ANSWERS',
  'FOGGARA_CHROMIUM',
]

/** The options of a command that set these settings, and `--config`. */
export function configOptions(
  keys: readonly (keyof Config)[],
): Readonly<Record<string, OptionSpec>> {
  const options = keys.map((key) => {
    const { flag, placeholder, environment, fallback, description } = SETTINGS[key]
    const preset = fallback === undefined || fallback === '' ? '' : `, default ${fallback}`
    const text = `${description} [${environment}${preset}]`
    return [flag, { type: 'string' as const, placeholder, description: text }] as const
  })
  const config = {
    type: 'string' as const,
    placeholder: 'FILE',
    description: 'settings file [FOGGARA_CONFIG, default foggara.config.ts if there is one]',
  }
  return { ...Object.fromEntries(options), config }
}

/**
 * The settings of this run: a flag wins over the environment, that over the file, that over defaults.
 *
 * @throws {ConfigKeyUnknownError | ConfigValueError | ConfigFileError}
 */
export async function loadConfig(options: OptionValues, context: Context): Promise<Config> {
  const given = options['config']
  const named = typeof given === 'string' ? given : context.environment['FOGGARA_CONFIG']
  const file = path.resolve(context.directory, named ?? 'foggara.config.ts')
  if (named !== undefined && !existsSync(file)) {
    throw new ConfigFileError(file, 'expected a file, found none')
  }
  const fromFile = existsSync(file) ? await readConfigFile(file) : {}
  for (const name of unknownVariables(context.environment)) {
    const near = nearestName(name, knownVariables())
    context.warn(
      `ENVIRONMENT_UNKNOWN ${name} is not read${near === undefined ? '' : `; did you mean ${near}?`}`,
    )
  }
  return resolveConfig(options, context.environment, fromFile)
}

/** Resolves settings from values that were already read; pure, so that precedence can be tested. */
export function resolveConfig(
  options: OptionValues,
  environment: Readonly<Record<string, string | undefined>>,
  file: unknown,
): Config {
  const fromFile = checkKeys(file)
  const resolved = Object.fromEntries(
    Object.entries(SETTINGS).map(([key, setting]) => {
      const { value, source } = pick(setting, options, environment, fromFile[key], key)
      const parsed = setting.schema.safeParse(value)
      if (parsed.success) return [key, parsed.data]
      throw new ConfigValueError(source, parsed.error.issues[0]?.message ?? 'malformed', value)
    }),
  )
  return resolved as Config
}

function pick(
  setting: Setting,
  options: OptionValues,
  environment: Readonly<Record<string, string | undefined>>,
  fileValue: unknown,
  key: string,
): { value: unknown; source: string } {
  const flagged = options[setting.flag]
  if (flagged !== undefined) return { value: flagged, source: `--${setting.flag}` }
  const variable = environment[setting.environment]
  if (variable !== undefined && variable !== '') {
    return { value: variable, source: setting.environment }
  }
  if (fileValue !== undefined) return { value: fileValue, source: `foggara.config.ts: ${key}` }
  return { value: setting.fallback, source: key }
}

function checkKeys(file: unknown): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(file)
  if (!parsed.success) throw new ConfigFileError('foggara.config.ts', 'expected an object')
  for (const key of Object.keys(parsed.data)) {
    if (!Object.hasOwn(SETTINGS, key)) throw new ConfigKeyUnknownError(key)
  }
  return parsed.data
}

async function readConfigFile(file: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href)
    if (module.default === undefined) {
      throw new ConfigFileError(
        file,
        'expected `export default defineConfig({…})`, found no default',
      )
    }
    return module.default
  } catch (cause) {
    if (cause instanceof ConfigFileError) throw cause
    throw new ConfigFileError(file, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function knownVariables(): string[] {
  return [...Object.values(SETTINGS).map((setting) => setting.environment), ...OTHER_VARIABLES]
}

function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(knownVariables())
  return Object.keys(environment).filter((name) => name.startsWith('FOGGARA_') && !known.has(name))
}

/** The settings file names a setting that does not exist. */
export class ConfigKeyUnknownError extends FatalError {
  constructor(key: string) {
    super('CONFIG_KEY_UNKNOWN', `foggara.config.ts: expected a known setting, found ${key}`, {
      hint: suggestion(key, Object.keys(SETTINGS)),
    })
  }
}

/** A setting's value is of the wrong form. */
export class ConfigValueError extends FatalError {
  constructor(source: string, expected: string, found: unknown) {
    super('CONFIG_VALUE_MALFORMED', `${source}: ${expected}, found ${JSON.stringify(found)}`)
  }
}

/** The settings file cannot be read. */
export class ConfigFileError extends FatalError {
  constructor(file: string, detail: string, cause?: unknown) {
    super('CONFIG_FILE_UNREADABLE', `${file}: ${detail}`, { cause })
  }
}
