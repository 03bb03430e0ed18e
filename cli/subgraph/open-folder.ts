import { existsSync } from 'node:fs'
import path from 'node:path'

import { type HandlerLimits, type Subgraph, loadSubgraph } from '@foggara/ingest'
import { FatalError } from '@foggara/schema'

/**
 * Loads a folder that was named on the command line.
 *
 * @throws {SubgraphFolderError} with the code of the first thing that is refused.
 */
export async function openFolder(
  name: string,
  directory: string,
  limits?: HandlerLimits,
): Promise<Subgraph> {
  const folder = path.resolve(directory, name)
  try {
    return await loadSubgraph(folder, limits)
  } catch (cause) {
    if (cause instanceof FatalError) throw new SubgraphFolderError(name, folder, cause)
    throw cause
  }
}

/** Where the compiled subgraph is, if the folder holds the sources of one. */
export function compiledFolderHint(name: string, folder: string): string | undefined {
  if (!existsSync(path.join(folder, 'build', 'subgraph.yaml'))) return undefined
  return `${name} holds the sources; the compiled subgraph is in ${path.join(name, 'build')}.`
}

/** A folder that cannot run here. */
export class SubgraphFolderError extends FatalError {
  constructor(name: string, folder: string, cause: FatalError) {
    const reason = compiledFolderHint(name, folder) ?? cause.hint ?? ''
    super(cause.code, `${name}: ${cause.message}`, {
      cause,
      hint: `${reason} All reasons: foggara subgraph check ${name}`.trim(),
    })
  }
}
