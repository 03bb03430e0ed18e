import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { FatalError } from '@foggara/schema'

import { type Adapter, AdapterInvalidError } from './adapter.ts'

/**
 * Loads an adapter by its name, or from the folder of somebody's own: a path with a slash in it,
 * which starts from `directory`.
 *
 * @throws {AdapterMissingError | AdapterInvalidError}
 */
export async function loadAdapter(nameOrFolder: string, directory: string): Promise<Adapter> {
  const isFolder = nameOrFolder.includes('/')
  if (!isFolder && !(await adapterNames()).includes(nameOrFolder)) {
    throw new AdapterMissingError(nameOrFolder, await adapterNames())
  }
  const folder = path.resolve(isFolder ? directory : import.meta.dirname, nameOrFolder)
  const file = path.join(folder, 'adapter.ts')
  if (!existsSync(file)) throw new AdapterMissingError(nameOrFolder, await adapterNames())
  let module: { readonly adapter?: Adapter }
  try {
    module = await import(pathToFileURL(file).href)
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause)
    throw new AdapterInvalidError(nameOrFolder, 'a module that loads', found, cause)
  }
  const { adapter } = module
  if (!isAdapter(adapter)) {
    throw new AdapterInvalidError(nameOrFolder, 'an export `adapter` with a name', typeof adapter)
  }
  return adapter
}

/** The adapters that come with the product: the folders beside this file. */
async function adapterNames(): Promise<readonly string[]> {
  const entries = await readdir(import.meta.dirname, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => existsSync(path.join(import.meta.dirname, name, 'adapter.ts')))
    .toSorted()
}

/** Modules of strangers need not have been checked by a compiler. */
function isAdapter(value: Adapter | undefined): value is Adapter {
  const names: readonly unknown[] = [value?.chains, value?.sources, value?.views]
  return (
    /^[a-z][a-z0-9_]{0,30}$/u.test(String(value?.name)) && names.every((part) => isRecord(part))
  )
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** There is no adapter of that name. */
export class AdapterMissingError extends FatalError {
  constructor(name: string, known: readonly string[]) {
    super('ADAPTER_UNKNOWN', `expected an adapter, found no ${JSON.stringify(name)}`, {
      hint: `Known: ${known.join(', ')}; or the path of a folder that holds adapter.ts.`,
    })
  }
}
