import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { duration } from '../service/progress.ts'
import { openEdgeSpool } from './edge-spool.ts'
import { createIdDictionary } from './id-dictionary.ts'
import { NO_COLUMNS, writeIds } from './node-files.ts'
import { type ReadProgress, readEdgeFile } from './read-edge-file.ts'
import { checkNewFolder, writeGraphFolder } from './write-graph-folder.ts'

/** Runs `foggara graph build --edges FILE`. */
export async function buildFromFile(
  name: string,
  out: string,
  options: OptionValues,
  context: Context,
): Promise<number> {
  const folder = path.resolve(context.directory, out)
  await checkNewFolder(folder)
  await mkdir(folder, { recursive: true })
  const isWeighted = !flagOption(options, 'equal')
  const ids = createIdDictionary()
  await using spool = await openEdgeSpool(path.join(folder, 'rows.tmp'), { file: name, isWeighted })
  const batches = readEdgeFile({
    name,
    directory: context.directory,
    isWeighted,
    ids,
    signal: context.stopped,
    onProgress: tellReading(context),
  })
  for await (const batch of batches) await spool.add(batch)
  const order = ids.ascending()
  const renumber = new Uint32Array(order.length)
  for (const [node, number] of order.entries()) renumber[number] = node
  return await writeGraphFolder({
    out,
    options,
    context,
    origin: `file: ${name}`,
    nodeCount: order.length,
    rowCount: spool.rowCount(),
    weightScale: spool.scale(),
    rows: () => spool.read(renumber),
    columns: NO_COLUMNS,
    writeIds: () => writeIds(folder, ids, order),
  })
}

const EVERY_MS = 2_000

function tellReading(context: Context): (progress: ReadProgress) => void {
  const startMs = context.nowMs()
  let lastMs = startMs
  return ({ byteCount, byteCountMax, rowCount }) => {
    const nowMs = context.nowMs()
    if (nowMs - lastMs < EVERY_MS) return
    lastMs = nowMs
    const seconds = (nowMs - startMs) / 1000
    const left = duration((byteCountMax / byteCount - 1) * seconds)
    const percent = Math.floor((100 * byteCount) / byteCountMax)
    context.warn(`read: ${percent} %, ${Math.round(rowCount / seconds)} rows/s, ${left} left`)
  }
}
