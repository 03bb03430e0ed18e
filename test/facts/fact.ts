import type { ContractName, Relations } from '@foggara/schema'

/** What somebody says about one thing: texts by name. */
export type Said = Readonly<Record<string, string>>

/** What somebody says, by the things' ids. */
export type Sayings = ReadonlyMap<string, Said>

/** The entities of a type that hold at the block in question, with their fields as text. */
export type LiveEntities = (typeName: string) => readonly Said[]

/** Calls a view function at the block in question; structs come as objects. */
export type ContractCall = (
  contract: ContractName,
  functionName: string,
  args?: readonly unknown[],
) => Promise<unknown>

/** A kind of fact of the protocol, and how each of the three says it. */
export type Fact = {
  readonly name: string
  readonly ofEntities: (live: LiveEntities) => Sayings
  /** A query whose column `id` and other columns are texts, named as the entities' fields are. */
  readonly ofViews: (from: Relations) => string
  /** What contracts say about a thing: some of the fields, or nothing. */
  readonly ofContracts?: (call: ContractCall, id: string, said: Said) => Promise<Said>
  /** How many things there are, as contracts count them. */
  readonly countOfContracts?: (call: ContractCall) => Promise<unknown>
}

/** Some fields of entities, by their id or by what `idOf` makes of them. */
export function keyed(
  entities: readonly Said[],
  fields: readonly string[],
  idOf: (entity: Said) => string = ({ id }) => id ?? '',
): Sayings {
  return new Map(
    entities.map((entity) => [
      idOf(entity),
      Object.fromEntries(fields.map((field) => [field, entity[field] ?? `no field ${field}`])),
    ]),
  )
}

/** SQL for bytes as entities write them. */
export function hexed(expression: string): string {
  return `concat('0x', lower(hex(${expression})))`
}

/** SQL for the id that a mapping gives to what one event made. */
export function eventId(alias: string): string {
  const index = `reinterpretAsFixedString(toUInt32(${alias}.log_index))`
  return `concat(${hexed(`${alias}.transaction_hash`)}, lower(hex(${index})))`
}

/** SQL for a number, a flag or a word as text, empty for null. */
export function text(expression: string): string {
  return `ifNull(toString(${expression}), '')`
}

/** SQL that selects texts under the names of fields. */
export function texts(expressions: Readonly<Record<string, string>>): string {
  return Object.entries(expressions)
    .map(([name, expression]) => `${expression} as said_${name}`)
    .join(', ')
}

/** The members of a struct, the results of a call, as text: addresses and hashes in lower case. */
export function struct(value: unknown, names: Readonly<Record<string, string>>): Said {
  const members = new Map(Object.entries(Object(value)))
  return Object.fromEntries(
    Object.entries(names).map(([field, member]) => [field, plain(members.get(member))]),
  )
}

/** A value of a contract as text. */
export function plain(value: unknown): string {
  return String(value).toLowerCase()
}
