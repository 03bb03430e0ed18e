import { spawn } from 'node:child_process'

/** What a finished command left. */
export type Finished = {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs `foggara` with these arguments until it ends. */
export function runFoggara(
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const child = spawn(process.execPath, ['cli/bin.ts', ...arguments_], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output, errors }))
  })
}
