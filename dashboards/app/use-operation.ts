import { type QueryClient, keepPreviousData, useQuery } from '@tanstack/react-query'

import type { Operation, OperationVariables } from '../graphql/operation.ts'
import { type ApiError, fetchOperation } from './fetch-operation.ts'
import { usePin } from './pin.ts'

/** The block that an answer was read at, as every operation asks for it. */
type Pinned = { readonly _meta: { readonly block: { readonly number: number } } }

/** An answer of the API, or what is known while there is none. */
export type Answer<Data> = {
  readonly data: Data | undefined
  readonly error: ApiError | null
  /** True while the answer shown belongs to other variables, or to none. */
  readonly isStale: boolean
  /** The block that the answer was read at. */
  readonly asOf: number | undefined
  readonly retry: () => void
  /** What was asked, for whoever wants to ask it elsewhere. */
  readonly question: Question
}

/** An operation's text with its variables. */
export type Question = { readonly text: string; readonly variables: OperationVariables }

const LATEST = 'latest'

/**
 * Asks an operation at the block of the URL, or at the newest one and then again after every commit.
 * While the next answer is under way the previous one stays.
 */
export function useOperation<Data extends Pinned, Variables extends OperationVariables>(
  operation: Operation<Data, Variables>,
  variables: Omit<Variables, 'at'>,
  isWanted = true,
): Answer<Data> {
  const block = usePin()
  const asked = {
    ...variables,
    ...(block === undefined ? {} : { at: { number: block } }),
  } as Variables
  const query = useQuery<Data, ApiError>({
    queryKey: [block ?? LATEST, operation.name, asked],
    queryFn: ({ signal }) => fetchOperation(operation, asked, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: isWanted,
  })
  return {
    data: query.data,
    error: query.error,
    isStale: query.isPlaceholderData,
    asOf: query.data?._meta.block.number,
    retry: () => void query.refetch(),
    question: { text: operation.text, variables: asked },
  }
}

/** Asks again what could not be answered. */
export function retryFailed(client: QueryClient): void {
  void client.refetchQueries({ predicate: ({ state }) => state.status === 'error' })
}

/** Asks everything that is shown at the newest block again; questions under way are left alone. */
export function refreshLatest(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: [LATEST] }, { cancelRefetch: false })
}
