import type { ApolloServerPlugin } from '@apollo/server'

const REFUSED = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']

/**
 * Answers refused requests with 200 to clients that accept only `application/json`, as the
 * GraphQL-over-HTTP specification wants; clients of the newer media type get 400.
 */
export function overHttpPlugin(): ApolloServerPlugin {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response, request }) {
          if (response.body.kind !== 'single') return
          const code = response.body.singleResult.errors?.[0]?.extensions?.['code']
          const accept = request.http?.headers.get('accept') ?? ''
          if (accept.includes('application/graphql-response+json')) return
          if (typeof code === 'string' && REFUSED.includes(code)) response.http.status = 200
        },
      }
    },
  }
}
