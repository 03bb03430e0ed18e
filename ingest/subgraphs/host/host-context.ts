import type { ReadScope } from '../entity-cache/entity-cache.ts'
import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import type { EthereumValue } from '../heap/ethereum-values.ts'

/** A call of a contract as a mapping asks for it. */
export type ContractRequest = {
  readonly contractName: string
  readonly address: Uint8Array
  readonly functionName: string
  /** `name(inputs):(outputs)`. */
  readonly signature: string
  readonly values: readonly EthereumValue[]
}

/** What a handler can reach; it lasts as long as the handler runs. */
export type HostContext = {
  readonly entities: {
    get(typeName: string, id: string, scope: ReadScope): Entity | undefined
    related(typeName: string, id: string, field: string): readonly Entity[]
    set(typeName: string, id: string, entity: Map<string, StoreValue>): void
    remove(typeName: string, id: string): void
  }
  readonly dataSource: {
    readonly address: Uint8Array
    readonly network: string
    readonly context: Entity
    create(template: string, parameters: readonly string[], context: Entity | undefined): void
  }
  readonly chain: {
    /** Undefined where the call reverts. */
    call(request: ContractRequest): readonly EthereumValue[] | undefined
    balance(address: Uint8Array): bigint
    hasCode(address: Uint8Array): boolean
  }
  readonly log: (level: LogLevel, message: string) => void
  /** The name behind an ENS hash; undefined without a table of names. */
  readonly ensName: ((hash: string) => string | undefined) | undefined
}

/** How much a line of a mapping's log matters. */
export type LogLevel = 'critical' | 'error' | 'warning' | 'info' | 'debug'
