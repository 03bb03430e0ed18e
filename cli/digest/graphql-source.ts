import { FatalError, type Hex, RetryableError } from '@foggara/schema'
import { z } from 'zod'

import type { DigestSource } from './digest-source.ts'

const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/)
  .transform((text) => text as Hex)
const whole = z.int().min(0)

const headAnswer = z.object({
  _meta: z.object({ chainId: z.int(), block: z.object({ number: whole }) }),
})
const digestsAnswer = z.object({
  digests: z.array(z.object({ firstBlock: whole, lastBlock: whole, digest: hex })),
})
const blockAnswer = z.object({
  archivedBlock: z
    .object({
      block: whole,
      hash: hex,
      logs: z.array(
        z.object({
          logIndex: whole,
          transactionHash: hex,
          address: hex,
          topics: z.array(hex),
          payload: hex,
        }),
      ),
    })
    .nullable(),
})

const TIMEOUT_MS = 60_000

/**
 * Opens another Foggara as a source of digests, by the URL of its service or of its GraphQL.
 *
 * @throws {DigestSourceUnreachableError | DigestSourceInvalidError}
 */
export async function graphqlSource(text: string): Promise<DigestSource> {
  const url = new URL(text)
  if (url.pathname === '/') url.pathname = '/graphql'
  const { _meta } = await ask(url, headAnswer, '{ _meta { chainId block { number } } }', {})
  return {
    name: url.host,
    headBlock: _meta.block.number,
    digests: async (level, { firstBlock, lastBlock }) => {
      const { digests } = await ask(
        url,
        digestsAnswer,
        `query Digests($from: SafeInt!, $to: SafeInt!, $level: Int!) {
          digests(from: $from, to: $to, level: $level) { firstBlock lastBlock digest }
        }`,
        { from: firstBlock, to: lastBlock, level },
      )
      return digests
    },
    block: async (number) => {
      const { archivedBlock } = await ask(
        url,
        blockAnswer,
        `query Block($number: SafeInt!) {
          archivedBlock(number: $number) {
            block hash logs { logIndex transactionHash address topics payload }
          }
        }`,
        { number },
      )
      return archivedBlock ?? undefined
    },
  }
}

async function ask<T>(
  url: URL,
  shape: z.ZodType<T>,
  query: string,
  variables: Readonly<Record<string, number>>,
): Promise<T> {
  let body: unknown
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    body = await response.json()
  } catch (cause) {
    throw new DigestSourceUnreachableError(url.host, cause)
  }
  const parsed = z.object({ data: shape }).safeParse(body)
  if (!parsed.success) throw new DigestSourceInvalidError(url.host, JSON.stringify(body) ?? '')
  return parsed.data.data
}

/** The other index does not answer. */
export class DigestSourceUnreachableError extends RetryableError {
  constructor(host: string, cause: unknown) {
    super('DIGEST_SOURCE_UNREACHABLE', `expected GraphQL at ${host}, found no answer`, {
      cause,
      hint: 'Check the URL, and that the other service runs.',
    })
  }
}

/** The other index answers something else. */
export class DigestSourceInvalidError extends FatalError {
  constructor(host: string, found: string) {
    super('DIGEST_SOURCE_INVALID', `expected digests from ${host}, found ${found.slice(0, 200)}`, {
      hint: 'Both must run a version that has the query digests.',
    })
  }
}
