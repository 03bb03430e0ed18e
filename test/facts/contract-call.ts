import type { Hex } from '@foggara/schema'
import { decodeAbiParameters, numberToHex } from 'viem'

import { encodeCall, functionOf } from '../../devnet/artifacts.ts'
import type { Devnet } from '../../devnet/index.ts'
import type { ContractCall } from './fact.ts'

/** Calls view functions of a devnet's contracts at a block; several results come as a list. */
export function callAt(devnet: Devnet, block: number): ContractCall {
  return async (contract, functionName, args = []) => {
    const to = devnet.deployment.contracts[contract]
    const call = { to, data: encodeCall(contract, functionName, args) }
    const answer = await devnet.rpc.request('eth_call', call, numberToHex(block))
    const { outputs } = functionOf(contract, functionName).abi
    const values = decodeAbiParameters(outputs, answer as Hex)
    return outputs.length === 1 ? values[0] : values
  }
}
