import { createHash } from 'node:crypto'

import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import { FatalError, type Hex } from '@foggara/schema'

import { insertTable } from '../../store/insert.ts'
import type { EntityTable } from './entity-table.ts'
import { DEPLOYMENT_COLUMNS } from './own-tables.ts'
import { type SqlNames, createDeploymentTable, creations, sqlNames } from './table-ddl.ts'

/**
 * The database of the subgraph with this name: `subgraph_` and the name.
 *
 * @throws {SubgraphNameError}
 */
export function subgraphDatabase(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(name)) throw new SubgraphNameError(name)
  return `subgraph_${name}`
}

/**
 * Makes the tables of a deployment where they are missing.
 *
 * The database is marked with the deployment before anything else is made, so that tables of two
 * never mix.
 *
 * @throws {DeploymentChangedError} when the database belongs to another build of the subgraph.
 */
export async function openDeployment(
  client: ClickHouseClient,
  database: string,
  deployment: string,
  tables: readonly EntityTable[],
): Promise<SqlNames> {
  const names = sqlNames(database)
  const wanted = creations(tables, names)
  await command(client, `create database if not exists \`${database}\` engine = Atomic`)
  await command(client, createDeploymentTable(names))
  const [stored] = await queryRows<{ deployment: string; layout: Hex }>(
    client,
    `select deployment, concat('0x', lower(hex(layout))) as layout from ${names('_deployment')}`,
  )
  const digest = createHash('sha256').update(JSON.stringify(wanted)).digest('hex')
  const layout: Hex = `0x${digest}`
  if (stored === undefined) {
    const rows = [{ deployment, layout }]
    const table = names('_deployment')
    await insertTable(client, { table, columns: DEPLOYMENT_COLUMNS, rows }, layout)
  } else if (stored.deployment !== deployment) {
    throw new DeploymentChangedError(database, stored.deployment, deployment)
  } else if (stored.layout !== layout) {
    throw new DeploymentChangedError(database, 'the tables that were made', 'others')
  }
  const made = await queryRows<{ name: string }>(
    client,
    'select name from system.tables where database = {database:String}',
    { database },
  )
  const known = new Set(made.map(({ name }) => name))
  for (const { name, sql } of wanted) if (!known.has(name)) await command(client, sql)
  return names
}

/** A name that cannot be part of the name of a database. */
export class SubgraphNameError extends FatalError {
  constructor(name: string) {
    super(
      'SUBGRAPH_NAME_INVALID',
      `expected a name of lower-case letters, digits and _ that begins with a letter, found ${JSON.stringify(name.slice(0, 60))}`,
    )
  }
}

/** The database belongs to another build of the subgraph. */
export class DeploymentChangedError extends FatalError {
  constructor(database: string, expected: string, found: string) {
    super('SUBGRAPH_DEPLOYMENT_CHANGED', `${database}: expected ${expected}, found ${found}`, {
      hint: `Run it under another name, or drop the database ${database} to index it anew.`,
    })
  }
}
