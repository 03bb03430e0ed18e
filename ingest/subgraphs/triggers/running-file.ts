import type { CreatedSource } from '../entity-cache/entity-store.ts'
import { type Entity, sameEntity } from '../entity-cache/entity.ts'
import type { FileName } from '../files/file-monitor.ts'
import type { FileTemplate, Subgraph } from '../manifest/manifest.ts'

/** A file that a handler has named. */
export type RunningFile = FileName & {
  readonly template: FileTemplate
  readonly context: Entity | undefined
  /** The block of the first handler of the chain that led to it. */
  readonly block: number
  /** What tells its entities from those of the chain and of other files; from 1 on. */
  readonly region: number
}

/** The files that a subgraph knows from blocks that were committed. */
export type RunningFiles = {
  /** Takes over what a block created and read. */
  keep(created: readonly CreatedSource[]): void
  /** The unread files of that name. */
  due(name: FileName): readonly RunningFile[]
  unread(): Iterable<RunningFile>
  /**
   * The file that a handler created; undefined for what is no file, and for one that would do the
   * same as a known one or as one of `fresh`, those of this block.
   */
  fresh(source: CreatedSource, fresh: readonly RunningFile[]): RunningFile | undefined
}

/** Opens the files among what handlers created. */
export function openRunningFiles(
  subgraph: Subgraph,
  created: readonly CreatedSource[],
): RunningFiles {
  const templates = new Map(subgraph.fileTemplates.map((template) => [template.name, template]))
  const byName = new Map<string, RunningFile[]>()
  const unread = new Map<number, RunningFile>()
  let regionMax = 0
  const keep = (sources: readonly CreatedSource[]) => {
    for (const source of sources) {
      const template = templates.get(source.template)
      if (template === undefined || source.file === undefined) continue
      const { region, state } = source.file
      if (state === 'read') {
        unread.delete(region)
        continue
      }
      const file = startFile(template, source, region)
      const namesakes = byName.get(keyOf(file))
      if (namesakes === undefined) byName.set(keyOf(file), [file])
      else namesakes.push(file)
      unread.set(region, file)
      regionMax = Math.max(regionMax, region)
    }
  }
  keep(created)
  return {
    keep,
    due: (name) => (byName.get(keyOf(name)) ?? []).filter(({ region }) => unread.has(region)),
    unread: () => unread.values(),
    fresh: (source, fresh) => {
      const template = templates.get(source.template)
      if (template === undefined) return undefined
      const file = startFile(template, source, 1 + (fresh.at(-1)?.region ?? regionMax))
      const namesakes = [...(byName.get(keyOf(file)) ?? []), ...fresh]
      return namesakes.some((other) => isSameFile(file, other)) ? undefined : file
    },
  }
}

/** The record of a file for a store. */
export function createdFile(file: RunningFile): CreatedSource {
  const { template, name, context, block, region } = file
  return {
    template: template.name,
    address: name,
    context,
    block,
    file: { region, state: 'waiting' },
  }
}

/** The record that a file was read in a block. */
export function readFileRecord(file: RunningFile, block: number): CreatedSource {
  return { ...createdFile(file), block, file: { region: file.region, state: 'read' } }
}

function startFile(
  template: FileTemplate,
  { address, context, block }: CreatedSource,
  region: number,
): RunningFile {
  return { template, kind: template.kind, name: address, context, block, region }
}

/** Whether the two would do the same; when and where they were named does not matter. */
function isSameFile(a: RunningFile, b: RunningFile): boolean {
  if (a.template !== b.template || a.name !== b.name) return false
  if (a.context === undefined || b.context === undefined) return a.context === b.context
  return sameEntity(a.context, b.context)
}

function keyOf({ kind, name }: FileName): string {
  return `${kind} ${name}`
}
