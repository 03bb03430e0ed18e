import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

import { type MetaData, metaOperation } from '../graphql/meta.ts'
import type { ChainReport } from './chain-status.ts'
import { type ApiError, fetchOperation } from './fetch-operation.ts'
import { refreshLatest, retryFailed } from './use-operation.ts'

const POLL_MS = 2000

const NETWORKS: Readonly<Record<number, string>> = {
  1: 'Ethereum',
  1315: 'Story Aeneid',
  1514: 'Story',
  31337: 'Devnet',
  313313: 'Sahara Testnet',
  11155111: 'Sepolia',
}

/**
 * Asks every two seconds, while the window is visible, how far the index is; when it has committed
 * something new, everything shown at the newest block is asked again.
 */
export function usePolledReport(): ChainReport {
  const client = useQueryClient()
  const query = useQuery<MetaData, ApiError>({
    queryKey: ['report'],
    queryFn: ({ signal }) => fetchOperation(metaOperation, {}, signal),
    refetchInterval: POLL_MS,
    retry: false,
  })
  const meta = query.data?._meta
  const commit = meta === undefined ? undefined : commitKey(meta)
  const before = useRef(commit)
  useEffect(() => {
    if (before.current !== undefined && commit !== before.current) refreshLatest(client)
    before.current = commit
  }, [client, commit])
  const isReachable = query.error === null
  useEffect(() => {
    if (isReachable) retryFailed(client)
  }, [client, isReachable])
  return { status: meta === undefined ? undefined : statusOf(meta), error: query.error }
}

function commitKey({ block, commit }: MetaData['_meta']): string {
  return [block.hash, commit.chain, commit.epoch, commit.receipt].join(' ')
}

function statusOf(meta: MetaData['_meta']): ChainReport['status'] {
  return {
    network: NETWORKS[meta.chainId] ?? 'Chain',
    chainId: meta.chainId,
    headBlock: meta.headBlock ?? undefined,
    indexedBlock: meta.block.number,
    finalBlock: meta.settledBlock ?? undefined,
    timestamp: meta.block.timestamp,
    lagBlocks: meta.lag ?? undefined,
  }
}
