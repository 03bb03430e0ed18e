import { FoggaraError } from '@foggara/schema'

import type { FileKind } from '../files/file-monitor.ts'
import type { ApiPatch } from '../heap/chain-objects.ts'
import { compileMapping, type HandlerLimits, type MappingModule } from '../heap/mapping-instance.ts'
import { isKnownFunction, REFUSED_FUNCTIONS } from '../host/function-names.ts'
import { eventTopic, findEvent, parseContractAbi } from './contract-abi.ts'
import { parseDeclaredCall } from './declared-call.ts'
import type { Finding, Findings } from './finding.ts'
import type { SubgraphFiles } from './load-subgraph.ts'
import type {
  BlockHandler,
  ContractAbi,
  DeclaredCall,
  EventHandler,
  FileTemplate,
  NamedMapping,
  SourceTemplate,
} from './manifest.ts'
import { entries, items, member, text, type YamlNode } from './yaml-node.ts'

/** What kinds of templates read files, and where those come from. */
export const FILE_KINDS: ReadonlyMap<string, FileKind> = new Map([
  ['file/ipfs', 'ipfs'],
  ['file/arweave', 'arweave'],
])

/** What reading a data source needs. */
export type SourceContext = {
  readonly files: SubgraphFiles
  readonly limits: HandlerLimits
  readonly findings: Findings
}

/** Reads what a data source or template runs; undefined where something is missing. */
export async function readSourceTemplate(
  node: YamlNode,
  manifestIndex: number,
  context: SourceContext,
): Promise<SourceTemplate | undefined> {
  const where = whereOf(node)
  const named = await readNamedMapping(node, manifestIndex, context)
  const abis = await readAbis(node, where, context)
  const abiName = text(node, 'source', 'abi') ?? ''
  const abi = abis.get(abiName)
  if (abi === undefined || named === undefined) {
    const isListed = items(node, 'mapping', 'abis').some((entry) => text(entry, 'name') === abiName)
    if (abi === undefined && !isListed) {
      context.findings.all.push(invalid(where, `expected the ABI ${abiName}, found none`))
    }
    return undefined
  }
  const eventHandlers = items(node, 'mapping', 'eventHandlers').flatMap((handler) => {
    const read = readEventHandler(handler, { abi, abis, where, findings: context.findings })
    return read === undefined ? [] : [read]
  })
  const blockHandlers = items(node, 'mapping', 'blockHandlers').flatMap((handler) => {
    const read = readBlockHandler(handler)
    if (read === undefined)
      context.findings.all.push(
        invalid(where, 'expected a block handler with a filter once or polling, found another'),
      )
    return read === undefined ? [] : [read]
  })
  for (const { handler } of [...eventHandlers, ...blockHandlers]) {
    findHandler(named, handler, where, context)
  }
  return { ...named, abis, eventHandlers, blockHandlers }
}

/** Reads what runs over files; undefined where something is missing. */
export async function readFileTemplate(
  node: YamlNode,
  manifestIndex: number,
  context: SourceContext,
): Promise<FileTemplate | undefined> {
  const kind = FILE_KINDS.get(text(node, 'kind') ?? '')
  const named = await readNamedMapping(node, manifestIndex, context)
  if (kind === undefined || named === undefined) return undefined
  const handler = text(node, 'mapping', 'handler') ?? ''
  findHandler(named, handler, whereOf(node), context)
  const names = items(node, 'mapping', 'entities').filter((name) => typeof name === 'string')
  return { ...named, kind, handler, entityTypes: new Set(names) }
}

async function readNamedMapping(
  node: YamlNode,
  manifestIndex: number,
  context: SourceContext,
): Promise<NamedMapping | undefined> {
  const patch = /^0\.0\.([5-9])$/.exec(text(node, 'mapping', 'apiVersion') ?? '')?.[1]
  const mapping = await readMapping(node, whereOf(node), context)
  if (mapping === undefined || patch === undefined) return undefined
  const api = Number(patch) as ApiPatch
  return { name: text(node, 'name') ?? '', manifestIndex, api, mapping }
}

function whereOf(node: YamlNode): string {
  return `data source ${text(node, 'name') ?? 'without a name'}`
}

function findHandler(
  { mapping }: NamedMapping,
  handler: string,
  where: string,
  { findings }: SourceContext,
): void {
  if (!mapping.exportNames.has(handler)) findings.all.push(handlerMissing(where, handler))
}

async function readMapping(
  node: YamlNode,
  where: string,
  { files, limits, findings }: SourceContext,
): Promise<MappingModule | undefined> {
  const path = text(node, 'mapping', 'file')
  const content = path === undefined ? undefined : await files.bytes(path, where)
  if (path === undefined) findings.all.push(invalid(where, 'expected a mapping file, found none'))
  if (content === undefined) return undefined
  try {
    const mapping = compileMapping(content, limits)
    const unknown = mapping.imports.filter(({ name }) => !isKnownFunction(name))
    for (const { name } of unknown) findings.all.push(functionFinding(where, name))
    return mapping
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    findings.all.push({
      code: 'SUBGRAPH_WASM_CORRUPT',
      where,
      message: `${path ?? ''}: ${error.message}`,
      hint: error.hint ?? 'Build the subgraph again.',
    })
    return undefined
  }
}

async function readAbis(
  node: YamlNode,
  where: string,
  { files, findings }: SourceContext,
): Promise<ReadonlyMap<string, ContractAbi>> {
  const abis = new Map<string, ContractAbi>()
  for (const entry of items(node, 'mapping', 'abis')) {
    const path = text(entry, 'file') ?? ''
    const content = await files.text(path, where)
    if (content === undefined) continue
    const abi = parseContractAbi(content)
    if (abi !== undefined) abis.set(text(entry, 'name') ?? '', abi)
    else {
      findings.all.push({
        code: 'SUBGRAPH_ABI_INVALID',
        where,
        message: `expected the JSON of an ABI in ${path}, found something else`,
        hint: 'Copy the ABI from the compiler’s output and build again.',
      })
    }
  }
  return abis
}

type HandlerContext = {
  readonly abi: ContractAbi
  readonly abis: ReadonlyMap<string, ContractAbi>
  readonly where: string
  readonly findings: Findings
}

function readEventHandler(node: YamlNode, context: HandlerContext): EventHandler | undefined {
  const event = text(node, 'event') ?? ''
  const abi = findEvent(context.abi, event)
  if (abi === undefined) {
    context.findings.all.push({
      code: 'SUBGRAPH_EVENT_MISSING',
      where: context.where,
      message: `expected the event ${event} in the ABI, found no event with this signature`,
      hint: 'Use the ABI of the deployed contract, and write the event as the ABI has it.',
    })
    return undefined
  }
  const calls: DeclaredCall[] = []
  for (const [label, expression] of entries(member(node, 'calls'))) {
    const call = typeof expression === 'string' ? parseDeclaredCall(label, expression) : undefined
    if (call !== undefined && context.abis.has(call.contractName)) calls.push(call)
    else
      context.findings.all.push(
        invalid(
          context.where,
          `expected a call such as Token[event.address].name() for ${label}, found another`,
        ),
      )
  }
  return {
    event,
    handler: text(node, 'handler') ?? '',
    topics: [
      [text(node, 'topic0')?.toLowerCase() ?? eventTopic(event)],
      ...['topic1', 'topic2', 'topic3'].map((name) => topicList(node, name)),
    ],
    needsReceipt: text(node, 'receipt') === 'true',
    calls,
    abi,
  }
}

/** Shorter topics stand for words with zeros in front, as graph-node reads them. */
function topicList(node: YamlNode, name: string): readonly string[] | undefined {
  const topics = items(node, name).filter((topic) => typeof topic === 'string')
  if (topics.length === 0) return undefined
  return topics.map((topic) => `0x${topic.replace(/^0x/, '').toLowerCase().padStart(64, '0')}`)
}

function readBlockHandler(node: YamlNode): BlockHandler | undefined {
  const handler = text(node, 'handler') ?? ''
  const kind = text(node, 'filter', 'kind')
  if (kind === undefined) return { handler, filter: { type: 'every' } }
  if (kind === 'once') return { handler, filter: { type: 'once' } }
  const every = text(node, 'filter', 'every') ?? ''
  if (kind !== 'polling' || !/^[1-9]\d{0,8}$/.test(every)) return undefined
  return { handler, filter: { type: 'polling', blockCount: Number(every) } }
}

function functionFinding(where: string, name: string): Finding {
  const hint = REFUSED_FUNCTIONS.get(name)
  return {
    code: hint === undefined ? 'SUBGRAPH_FUNCTION_UNKNOWN' : 'SUBGRAPH_FEATURE_REFUSED',
    where,
    message: `expected only functions that the host has, found an import of ${name}`,
    hint: hint ?? 'Build the mapping with graph-ts of The Graph.',
  }
}

function handlerMissing(where: string, handler: string): Finding {
  return {
    code: 'SUBGRAPH_HANDLER_MISSING',
    where,
    message: `expected an exported function ${handler} in the mapping, found none`,
    hint: 'Export the handler from the mapping and build again.',
  }
}

function invalid(where: string, message: string): Finding {
  return {
    code: 'SUBGRAPH_MANIFEST_INVALID',
    where,
    message,
    hint: 'Mend subgraph.yaml and build the subgraph again.',
  }
}
