import { createServer } from 'node:net'

import { expect, test } from 'vitest'

import { FINALITY_BLOCK_COUNT, startAnvil } from './anvil.ts'
import { connectDevnet, headNumber, mine } from './chain.ts'
import { BLOCK_STEP_SECONDS, blockSeconds } from './clock.ts'
import { deploy, devnetDeployment, isDeployed } from './deploy.ts'

test('blocks are a fixed step apart, and the finalized one is 16 behind the head', async () => {
  await using anvil = await startAnvil()
  const devnet = connectDevnet(anvil.rpcUrl, devnetDeployment())
  await mine(devnet, 40)
  const block = async (tag: string) => {
    const found = await devnet.rpc.request('eth_getBlockByNumber', tag, false)
    const { number, timestamp } = found as { number: string; timestamp: string }
    return { number: Number(number), timestamp: Number(timestamp) }
  }
  expect(await block('latest')).toEqual({ number: 40, timestamp: blockSeconds(40) })
  expect((await block('finalized')).number).toBe(40 - FINALITY_BLOCK_COUNT)
  await mine(devnet, 1)
  expect((await block('latest')).timestamp).toBe(blockSeconds(40) + BLOCK_STEP_SECONDS)
  expect((await block('finalized')).number).toBe(41 - FINALITY_BLOCK_COUNT)
})

test('the contracts lie where they are said to lie, and only a fresh chain takes them', async () => {
  await using anvil = await startAnvil()
  expect(await isDeployed(anvil.rpcUrl)).toBe(false)
  const deployment = await deploy(anvil.rpcUrl)
  expect(deployment).toEqual(devnetDeployment())
  expect(await isDeployed(anvil.rpcUrl)).toBe(true)
  expect(await headNumber(connectDevnet(anvil.rpcUrl, deployment))).toBe(deployment.startBlock)
  await expect(deploy(anvil.rpcUrl)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ChainNotFreshError: expected a chain without blocks, found head 1]`,
  )
})

test('a port in use is refused, and what listens there is left alone', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(startAnvil({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  expect(server.listening).toBe(true)
  await new Promise((resolve) => server.close(resolve))
})

test('a node that cannot start is reported with its own last line', async () => {
  await expect(startAnvil({ chainId: -1 })).rejects.toMatchObject({
    code: 'ANVIL_EXITED',
    message: expect.stringContaining('error: '),
  })
})
