import path from 'node:path'

import { type HandlerLimits, type NamedSubgraph, deploymentId } from '@foggara/ingest'
import { FatalError } from '@foggara/schema'

import { openFolder } from './open-folder.ts'

/**
 * Loads compiled folders, each under the name that its tables get.
 *
 * @param names one per folder; undefined for names made of the folders' own.
 * @throws {SubgraphFolderError | SubgraphNamesEqualError}
 */
export async function openNamedFolders(
  folders: readonly string[],
  names: readonly string[] | undefined,
  directory: string,
  limits?: HandlerLimits,
): Promise<readonly NamedSubgraph[]> {
  const opened: NamedSubgraph[] = []
  for (const [index, folder] of folders.entries()) {
    const resolved = path.resolve(directory, folder)
    const name = names?.[index] ?? folderName(resolved)
    if (opened.some((other) => other.name === name)) throw new SubgraphNamesEqualError(name)
    const subgraph = await openFolder(folder, directory, limits)
    opened.push({ name, deployment: await deploymentId(resolved), subgraph })
  }
  return opened
}

/** The name of a folder as that of a subgraph; of `token/build` it is `token`. */
export function folderName(folder: string): string {
  const parts = folder.split(path.sep).filter((part) => part !== '' && part !== 'build')
  const letters = (parts.at(-1) ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
  const name = letters.replaceAll(/^[^a-z]+|_+$/g, '').slice(0, 48)
  return name === '' ? 'subgraph' : name
}

/** Two folders would write the same tables. */
export class SubgraphNamesEqualError extends FatalError {
  constructor(name: string) {
    super('SUBGRAPH_NAMES_EQUAL', `expected a name for each subgraph, found ${name} twice`, {
      hint: 'Name them: --name first,second',
    })
  }
}
