import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'

import type { RankProblem } from '@foggara/gpu-analytics'

import { type LaidOutEngine, laidOutEngine } from './laid-out-engine.ts'

/**
 * Engines of one thread each, over memories of their own, that iterate at the same time and never
 * wait for each other: what several processors of this machine are worth, whatever the program.
 */
export async function enginesApart(problem: RankProblem, count: number): Promise<LaidOutEngine> {
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL(import.meta.url), { workerData: problem }),
  )
  await Promise.all(workers.map(answerOf))
  return {
    iterate: async (iterationCount) => {
      const answers = workers.map(answerOf)
      for (const worker of workers) worker.postMessage(iterationCount, [])
      await Promise.all(answers)
    },
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function answerOf(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => {
      worker.off('error', reject)
      resolve()
    })
    worker.once('error', reject)
  })
}

async function serve(port: NonNullable<typeof parentPort>): Promise<void> {
  const engine = await laidOutEngine(workerData as RankProblem, 1)
  port.on('message', (iterationCount: number) => {
    void engine.iterate(iterationCount).then(() => port.postMessage('done'))
  })
  port.postMessage('ready')
}

if (!isMainThread && parentPort !== null) await serve(parentPort)
