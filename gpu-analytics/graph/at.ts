import { InvariantError } from '@foggara/schema'

/** The element at `index`, which must exist: an index from our own loop never misses. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const element = list[index]
  if (element === undefined) {
    throw new InvariantError(`expected an index below ${list.length}, found ${index}`)
  }
  return element
}
