import { readFile } from 'node:fs/promises'

import { CONTRACT_NAMES, type Deployment, FatalError, parseAddress } from '@foggara/schema'
import { z } from 'zod'

const deploymentJson = z.strictObject({
  chainId: z.int().positive(),
  startBlock: z.int().min(0),
  contracts: z.record(z.string(), z.string()),
})

/**
 * Checks a deployment: `{ chainId, startBlock, contracts: { OwnershipNFT: "0x…", … } }` with every
 * contract named.
 *
 * @throws {DeploymentMalformedError | HexError}
 */
export function parseDeployment(value: unknown, where: string): Deployment {
  const parsed = deploymentJson.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new DeploymentMalformedError(where, `${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { chainId, startBlock, contracts } = parsed.data
  const unknown = Object.keys(contracts).find((name) => !CONTRACT_NAMES.some((own) => own === name))
  if (unknown !== undefined)
    throw new DeploymentMalformedError(where, `unknown contract ${unknown}`)
  const addresses = CONTRACT_NAMES.map((name) => {
    const address = contracts[name]
    if (address === undefined) throw new DeploymentMalformedError(where, `no address of ${name}`)
    return [name, parseAddress(address, name)] as const
  })
  return {
    chainId,
    startBlock,
    contracts: Object.fromEntries(addresses) as Deployment['contracts'],
  }
}

/**
 * Reads a deployment file.
 *
 * @throws {DeploymentMalformedError}
 */
export async function readDeployment(file: string): Promise<Deployment> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new DeploymentMalformedError(file, cause instanceof Error ? cause.message : '', cause)
  }
  return parseDeployment(value, file)
}

/** A deployment file cannot be read or lacks something. */
export class DeploymentMalformedError extends FatalError {
  constructor(where: string, detail: string, cause?: unknown) {
    super('DEPLOYMENT_MALFORMED', `${where}: ${detail}`, {
      cause,
      hint: 'Expected JSON with chainId, startBlock and the address of every contract.',
    })
  }
}
