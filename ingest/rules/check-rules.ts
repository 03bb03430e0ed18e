import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  type Deployment,
  FoggaraError,
  type Pin,
  RULES,
  SUPPLY_RULE,
  type Violation,
  pinnedRelations,
} from '@foggara/schema'
import { decodeFunctionResult, encodeFunctionData, erc20Abi, isHex } from 'viem'

import type { Rpc } from '../chain/rpc.ts'

/** What was found of one rule. */
export type RuleReport = {
  readonly name: string
  readonly sentence: string
  /** `unchecked`: the chain no longer tells what it takes. */
  readonly state: 'holds' | 'broken' | 'unchecked'
  /** The first of what contradicts it. */
  readonly violations: readonly Violation[]
}

/** Where rules are checked. */
export type RuleContext = {
  readonly client: ClickHouseClient
  readonly deployment: Deployment
  /** Absent: the rule that asks the chain is left unchecked. */
  readonly rpc: Rpc | undefined
}

/** The most violations of a rule that are told: a fault usually breaks a rule in many places. */
const VIOLATIONS_MAX = 20

/** Checks every rule at a pin, one after the other. */
export async function checkRules(context: RuleContext, pin: Pin): Promise<readonly RuleReport[]> {
  const relations = pinnedRelations(pin)
  const reports: RuleReport[] = []
  for (const { name, sentence, violationsSql } of RULES) {
    const sql = violationsSql(relations, context.deployment.contracts)
    const violations = await queryRows<Violation>(
      context.client,
      `select subject, expected, found from (${sql}) as violations
      order by subject, expected, found limit ${VIOLATIONS_MAX}`,
    )
    reports.push({
      name,
      sentence,
      state: violations.length === 0 ? 'holds' : 'broken',
      violations,
    })
  }
  return [...reports, await checkSupply(context, pin)]
}

async function checkSupply(
  { client, deployment, rpc }: RuleContext,
  pin: Pin,
): Promise<RuleReport> {
  const supply = rpc === undefined ? undefined : await supplyAt(rpc, deployment, pin)
  if (supply === undefined) return { ...SUPPLY_RULE, state: 'unchecked', violations: [] }
  const balances = pinnedRelations(pin).relation('balance')
  const [row] = await queryRows<{ total: string }>(
    client,
    `select toString(sum(amount)) as total from ${balances} as held`,
  )
  const found = row?.total ?? '0'
  if (found === supply.toString()) return { ...SUPPLY_RULE, state: 'holds', violations: [] }
  const violation = { subject: 'VotesToken', expected: supply.toString(), found }
  return { ...SUPPLY_RULE, state: 'broken', violations: [violation] }
}

/** A node that keeps no state of the block, or does not answer, says nothing about the rule. */
async function supplyAt(
  rpc: Rpc,
  { contracts }: Deployment,
  { blockHash }: Pin,
): Promise<bigint | undefined> {
  const functionName = 'totalSupply'
  const data = encodeFunctionData({ abi: erc20Abi, functionName })
  try {
    const result = await rpc.call('eth_call', [{ to: contracts.VotesToken, data }, { blockHash }])
    if (!isHex(result) || result.length !== 66) return undefined
    return decodeFunctionResult({ abi: erc20Abi, functionName, data: result })
  } catch (error) {
    if (error instanceof FoggaraError) return undefined
    throw error
  }
}
