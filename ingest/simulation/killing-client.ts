import type { ClickHouseClient } from '@foggara/database'

/** When a process ends itself. */
export type KillPlan = {
  /** The request during which it ends, counted from 1; 0: never. */
  readonly killAt: number
  readonly killWhen: 'before' | 'during' | 'after'
  /** Requests are counted while this is true. */
  readonly isCounting: () => boolean
}

/** Wraps a client so that this process is killed, with no time to tidy up, around a request. */
export function createKillingClient(target: ClickHouseClient, plan: KillPlan): ClickHouseClient {
  let requestCount = 0
  const end = (): void => void process.kill(process.pid, 'SIGKILL')
  const wrap =
    (method: (...parameters: unknown[]) => Promise<unknown>) =>
    async (...parameters: unknown[]): Promise<unknown> => {
      if (plan.isCounting()) requestCount += 1
      if (plan.killAt === 0 || requestCount !== plan.killAt) return method.apply(target, parameters)
      if (plan.killWhen === 'before') end()
      const answer = method.apply(target, parameters)
      // Long enough for the request to leave, seldom long enough for its answer to arrive.
      if (plan.killWhen === 'during') setTimeout(end, 2)
      await answer
      end()
      return answer
    }
  return new Proxy(target, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const method = value as (...parameters: unknown[]) => Promise<unknown>
      const isRequest = ['query', 'exec', 'command', 'insert'].includes(String(name))
      return isRequest ? wrap(method) : method.bind(target)
    },
  })
}
