import type { AbiParameter, AbiType } from '../abi/abi-type.ts'
import type { EntitySchema } from '../entity-cache/entity-schema.ts'
import type { Entity } from '../entity-cache/entity.ts'
import type { FileKind } from '../files/file-monitor.ts'
import type { ApiPatch } from '../heap/chain-objects.ts'
import type { MappingModule } from '../heap/mapping-instance.ts'

/** A subgraph, read from its folder and ready to run. */
export type Subgraph = {
  readonly specVersion: string
  readonly network: string
  /** Handlers that fail are skipped, and the subgraph goes on. */
  readonly hasNonFatalErrors: boolean
  readonly schema: EntitySchema
  readonly sources: readonly ManifestSource[]
  readonly templates: readonly SourceTemplate[]
  readonly fileTemplates: readonly FileTemplate[]
}

/** Code of a manifest under a name. */
export type NamedMapping = {
  readonly name: string
  /** Sources come first, then templates, in the order of the manifest. */
  readonly manifestIndex: number
  readonly api: ApiPatch
  readonly mapping: MappingModule
}

/** What a data source runs, apart from where. */
export type SourceTemplate = NamedMapping & {
  readonly abis: ReadonlyMap<string, ContractAbi>
  readonly eventHandlers: readonly EventHandler[]
  readonly blockHandlers: readonly BlockHandler[]
}

/** What runs over a file that a handler has named. */
export type FileTemplate = NamedMapping & {
  readonly kind: FileKind
  readonly handler: string
  /** The only entities that the handler may touch. */
  readonly entityTypes: ReadonlySet<string>
}

/** A data source of the manifest. */
export type ManifestSource = SourceTemplate & {
  /** Lower-case hex; undefined for every address. */
  readonly address: string | undefined
  readonly startBlock: number
  /** The last block; undefined for no end. */
  readonly endBlock: number | undefined
  readonly context: Entity | undefined
}

/** A handler of an event. */
export type EventHandler = {
  /** As the manifest writes it. */
  readonly event: string
  readonly handler: string
  /** Per place the topics that match, as lower-case hex; undefined for any. */
  readonly topics: readonly (readonly string[] | undefined)[]
  readonly needsReceipt: boolean
  readonly calls: readonly DeclaredCall[]
  readonly abi: AbiEvent
}

/** A handler of blocks. */
export type BlockHandler = {
  readonly handler: string
  readonly filter:
    | { readonly type: 'every' }
    | { readonly type: 'once' }
    | { readonly type: 'polling'; readonly blockCount: number }
}

/** A call that is fetched before its handler runs. */
export type DeclaredCall = {
  readonly label: string
  readonly contractName: string
  readonly functionName: string
  readonly address: CallArgument
  readonly values: readonly CallArgument[]
}

/** Where a value of a declared call comes from. */
export type CallArgument =
  | { readonly type: 'event-address' }
  | { readonly type: 'literal-address'; readonly address: string }
  /** A parameter's name and the members of structs after it, by name or number. */
  | { readonly type: 'parameter'; readonly path: readonly string[] }

/** The part of an ABI that the runtime uses. */
export type ContractAbi = {
  readonly events: readonly AbiEvent[]
  readonly functions: readonly AbiFunction[]
}

/** An event of an ABI. */
export type AbiEvent = {
  readonly name: string
  readonly isAnonymous: boolean
  /** The first topic of its logs, lower-case hex. */
  readonly topic: string
  readonly inputs: readonly TypedParameter[]
}

/** A function of an ABI. */
export type AbiFunction = {
  readonly name: string
  readonly inputs: readonly TypedParameter[]
  readonly outputs: readonly TypedParameter[]
}

/** A parameter whose type was read. */
export type TypedParameter = {
  readonly name: string
  readonly isIndexed: boolean
  readonly type: AbiType
  readonly canonical: string
  readonly parameter: AbiParameter
}
