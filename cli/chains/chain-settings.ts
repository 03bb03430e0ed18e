import { readFile } from 'node:fs/promises'
import path from 'node:path'

import {
  type ChainPlan,
  type PlacedAdapter,
  checkChainPlan,
  loadAdapter,
  placeAdapter,
} from '@foggara/ingest'
import { type EventSource, FatalError, invariant } from '@foggara/schema'
import { z } from 'zod'

import { nearestName } from '../nearest-name.ts'
import { readAbi } from './read-abi.ts'

/** A chain of the settings, beside the deployment's own. */
export type ChainSettings = {
  readonly chainId: number
  /** Its providers; they stand in for each other. */
  readonly rpcUrls: readonly string[]
  /** The first block that is indexed; an adapter may know it. */
  readonly startBlock?: number | undefined
  /** Names of adapters, paths of folders that hold one, or either with addresses of its contracts. */
  readonly adapters?: readonly AdapterSettings[] | undefined
  /** Events of any contracts, by the name of their tables. */
  readonly sources?: Readonly<Record<string, SourceSettings>> | undefined
  /** What shows that no log is missing: nothing but blooms, a second provider, or receipts. */
  readonly proof?: 'none' | 'quorum' | 'receipts' | undefined
}

/** An adapter of a chain. */
export type AdapterSettings =
  | string
  | {
      readonly adapter: string
      /** Where its contracts are, by name, on a chain that it does not know. */
      readonly addresses?: Readonly<Record<string, string>> | undefined
    }

/** Events of somebody's contracts. */
export type SourceSettings = {
  /** A JSON file (a list, or an object with `abi`), or events as Solidity writes them. */
  readonly abi: string | readonly string[]
  /** Only these events of the ABI; all by default. */
  readonly events?: readonly string[] | undefined
  /** Addresses of the contracts, or `any` for whoever emits such an event; with a factory there may be none. */
  readonly addresses?: readonly string[] | 'any' | undefined
  /** Contracts that make further ones, whose events count from their creation on. */
  readonly factory?: FactorySettings | undefined
}

/** Contracts that say in an event which contract they made. */
export type FactorySettings = {
  readonly addresses: readonly string[]
  /** As Solidity writes it. */
  readonly event: string
  /** The parameter that is the contract made. */
  readonly parameter: string
}

const ADDRESS = z.string().regex(/^0x[0-9a-fA-F]{40}$/u, 'expected an address')

const FACTORY_SHAPE = z.strictObject({
  addresses: z.array(ADDRESS).min(1),
  event: z.string().min(1),
  parameter: z.string().min(1),
})

const SOURCE_SHAPE = z.strictObject({
  abi: z.union(
    [z.string().min(1), z.array(z.string()).min(1)],
    'expected a file or a list of events',
  ),
  events: z.array(z.string()).min(1).optional(),
  addresses: z
    .union([z.literal('any'), z.array(ADDRESS).min(1)], "expected addresses or 'any'")
    .optional(),
  factory: FACTORY_SHAPE.optional(),
})

const CHAIN_SHAPE = z.strictObject({
  chainId: z.int().positive(),
  rpcUrls: z
    .array(z.url({ protocol: /^(?:http|ws)s?$/ }))
    .min(1)
    .max(16),
  startBlock: z.int().min(0).optional(),
  adapters: z
    .array(
      z.union([
        z.string().min(1),
        z.strictObject({
          adapter: z.string().min(1),
          addresses: z.record(z.string(), ADDRESS).optional(),
        }),
      ]),
    )
    .optional(),
  sources: z.record(z.string(), SOURCE_SHAPE).optional(),
  proof: z.enum(['none', 'quorum', 'receipts']).optional(),
})

/** The keys of each level, to offer the nearest one for a wrong one. */
const KNOWN_KEYS = [
  ...Object.keys(CHAIN_SHAPE.shape),
  ...Object.keys(SOURCE_SHAPE.shape),
  ...Object.keys(FACTORY_SHAPE.shape),
  'adapter',
  'addresses',
]

/**
 * The chains that the settings name, ready to be indexed: files are read, adapters loaded.
 *
 * @throws {ChainSettingsError | ChainKeyUnknownError | ChainIdRepeatedError} and what adapters and ABIs raise.
 */
export async function readChains(
  settings: Readonly<Record<string, unknown>> | string | undefined,
  directory: string,
): Promise<readonly ChainPlan[]> {
  if (settings === undefined) return []
  const where = typeof settings === 'string' ? settings : 'chains'
  const home =
    typeof settings === 'string' ? path.dirname(path.resolve(directory, settings)) : directory
  const named = typeof settings === 'string' ? await readJson(directory, settings) : settings
  const plans: ChainPlan[] = []
  for (const [name, value] of Object.entries(named)) {
    const plan = await planOf(`${where}.${name}`, name, parseChain(`${where}.${name}`, value), home)
    checkChainPlan(plan)
    const same = plans.find(({ chainId }) => chainId === plan.chainId)
    if (same !== undefined) throw new ChainIdRepeatedError(same.name, name, plan.chainId)
    plans.push(plan)
  }
  return plans
}

function parseChain(where: string, value: unknown): z.output<typeof CHAIN_SHAPE> {
  const parsed = CHAIN_SHAPE.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = [where, ...(issue?.path ?? [])].join('.')
  const [key] = issue?.code === 'unrecognized_keys' ? issue.keys : []
  if (key !== undefined) throw new ChainKeyUnknownError(place, key)
  throw new ChainSettingsError(place, issue?.message ?? 'malformed')
}

async function planOf(
  where: string,
  name: string,
  settings: z.output<typeof CHAIN_SHAPE>,
  directory: string,
): Promise<ChainPlan> {
  const { chainId, rpcUrls, proof } = settings
  const placed: (PlacedAdapter & { readonly name: string })[] = []
  for (const given of settings.adapters ?? []) {
    const { adapter: called, addresses } =
      typeof given === 'string' ? { adapter: given, addresses: undefined } : given
    const adapter = await loadAdapter(called, directory)
    placed.push({ name: adapter.name, ...placeAdapter(adapter, chainId, addresses) })
  }
  const sources: EventSource[] = placed.flatMap((each) => each.sources)
  for (const [source, given] of Object.entries(settings.sources ?? {})) {
    sources.push(await sourceOf(`${where}.sources.${source}`, source, given, directory))
  }
  if (sources.length === 0) throw new ChainSettingsError(where, 'expected adapters or sources')
  const starts = placed.map((each) => each.startBlock).filter((block) => block !== undefined)
  const startBlock = settings.startBlock ?? (starts.length === 0 ? undefined : Math.min(...starts))
  if (startBlock === undefined)
    throw new ChainSettingsError(`${where}.startBlock`, 'expected a block')
  return {
    name,
    chainId,
    rpcUrls,
    startBlock,
    sources,
    adapters: placed.map((each) => each.name),
    views: placed.flatMap((each) => each.views),
    ...(proof === undefined ? {} : { settings: { proof } }),
  }
}

async function sourceOf(
  where: string,
  name: string,
  { abi, events, addresses, factory }: z.output<typeof SOURCE_SHAPE>,
  directory: string,
): Promise<EventSource> {
  if (addresses === undefined && factory === undefined) {
    throw new ChainSettingsError(`${where}.addresses`, "expected addresses or 'any'")
  }
  const source = {
    name,
    events: await readAbi(`${where}.abi`, abi, events, directory),
    addresses: addresses === 'any' ? addresses : (addresses ?? []).map(lowerCase),
  }
  if (factory === undefined) return source
  const [event] = await readAbi(`${where}.factory.event`, [factory.event], undefined, directory)
  invariant(event !== undefined, 'one text is one event')
  const makers = { addresses: factory.addresses.map(lowerCase), event }
  return { ...source, factory: { ...makers, parameter: factory.parameter } }
}

function lowerCase(text: string): `0x${string}` {
  return `0x${text.slice(2).toLowerCase()}`
}

async function readJson(
  directory: string,
  file: string,
): Promise<Readonly<Record<string, unknown>>> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path.resolve(directory, file), 'utf8'))
  } catch (cause) {
    throw new ChainSettingsError(file, cause instanceof Error ? cause.message : 'unreadable', cause)
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(value)
  if (parsed.success) return parsed.data
  throw new ChainSettingsError(file, 'expected an object of chains by name')
}

/** A chain of the settings is of the wrong form. */
export class ChainSettingsError extends FatalError {
  constructor(where: string, detail: string, cause?: unknown) {
    super('CHAIN_CONFIG_MALFORMED', `${where}: ${detail}`, {
      cause,
      hint: 'docs/adapters.md shows a chain with all that it may say.',
    })
  }
}

/** A chain of the settings says something that is not read. */
export class ChainKeyUnknownError extends FatalError {
  constructor(where: string, key: string) {
    const near = nearestName(key, KNOWN_KEYS)
    super('CONFIG_KEY_UNKNOWN', `${where}: expected a known setting, found ${key}`, {
      hint: near === undefined ? `Known: ${KNOWN_KEYS.join(', ')}.` : `Did you mean ${near}?`,
    })
  }
}

/** Two chains of the settings are the same. */
export class ChainIdRepeatedError extends FatalError {
  constructor(one: string, other: string, chainId: number) {
    super(
      'CHAIN_ID_REPEATED',
      `expected chains of different ids, found ${chainId} for ${one} and ${other}`,
      { hint: 'Put the sources and adapters of both under one name.' },
    )
  }
}
