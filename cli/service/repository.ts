import path from 'node:path'

/** The folder that holds the packages. */
export function repository(): string {
  return path.resolve(import.meta.dirname, '..', '..')
}
