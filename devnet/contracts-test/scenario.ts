import type { ContractName, Hex } from '@foggara/schema'

import { devnetAccounts } from '../accounts.ts'
import { prepareAccounts } from '../actions.ts'
import { type Anvil, startAnvil } from '../anvil.ts'
import {
  type Devnet,
  type TransactionReceipt,
  TransactionRevertedError,
  connectDevnet,
  transact,
} from '../chain.ts'
import { type DeployOptions, TOKEN_UNIT, deploy } from '../deploy.ts'

/** A fresh devnet on which the testers have a million tokens each. */
export type Scenario = AsyncDisposable & {
  readonly anvil: Anvil
  readonly devnet: Devnet
  readonly owner: Hex
  readonly buyer: Hex
  readonly other: Hex
  readonly outsider: Hex
  /** Sends a transaction that must succeed. */
  readonly send: Send<TransactionReceipt>
  /** The custom error with which a transaction reverts; `succeeded` when it does not. */
  readonly refusal: Send<string>
}

type Send<Result> = (
  from: Hex,
  contract: ContractName,
  functionName: string,
  ...args: readonly unknown[]
) => Promise<Result>

/** Starts a node, deploys, and prepares the testers. */
export async function openScenario(options: DeployOptions = {}): Promise<Scenario> {
  const anvil = await startAnvil()
  const devnet = connectDevnet(anvil.rpcUrl, await deploy(anvil.rpcUrl, options))
  const [owner, buyer, other, outsider] = devnetAccounts.testers
  const testers = [owner.address, buyer.address, other.address, outsider.address]
  await prepareAccounts(devnet, testers, 1_000_000n * TOKEN_UNIT)
  const { proposer, arbiter } = devnetAccounts
  await prepareAccounts(devnet, [proposer.address, arbiter.address], 1000n * TOKEN_UNIT)
  return {
    anvil,
    devnet,
    owner: owner.address,
    buyer: buyer.address,
    other: other.address,
    outsider: outsider.address,
    send: (from, contract, functionName, ...args) => {
      return transact(devnet, { from, contract, functionName, args })
    },
    refusal: (from, contract, functionName, ...args) => {
      return refusalOf(() => transact(devnet, { from, contract, functionName, args }))
    },
    [Symbol.asyncDispose]: anvil.stop,
  }
}

/** The custom error with which an action reverts; `succeeded` when it does not. */
export async function refusalOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action()
    return 'succeeded'
  } catch (error) {
    if (error instanceof TransactionRevertedError) return error.reason
    throw error
  }
}
