/**
 * Runs `work` for every item, at most `atOnceMax` at a time, and returns the results in the order of
 * the items. After a failure nothing new is begun; what runs is awaited before the error is raised.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  atOnceMax: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return
      try {
        results[index] = await work(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
