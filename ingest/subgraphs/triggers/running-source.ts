import type { CreatedSource } from '../entity-cache/entity-store.ts'
import { bytesText, type Entity, sameEntity } from '../entity-cache/entity.ts'
import type { ManifestSource, SourceTemplate, Subgraph } from '../manifest/manifest.ts'

/** A data source that handles triggers, of the manifest or created by a handler. */
export type RunningSource = {
  readonly template: SourceTemplate
  /** Lower-case hex; undefined for every address. */
  readonly address: string | undefined
  readonly addressBytes: Uint8Array
  readonly startBlock: number
  readonly endBlock: number | undefined
  readonly context: Entity | undefined
}

/** The sources that a subgraph starts with: those of the manifest, then the created ones. */
export function runningSources(
  subgraph: Subgraph,
  created: readonly CreatedSource[],
): readonly RunningSource[] {
  const own = subgraph.sources.map((source: ManifestSource) => ({
    template: source,
    address: source.address,
    addressBytes: hexBytes(source.address ?? '0x'),
    startBlock: source.startBlock,
    endBlock: source.endBlock,
    context: source.context,
  }))
  const later = created.flatMap((source) => {
    const template = subgraph.templates.find(({ name }) => name === source.template)
    return template === undefined ? [] : [startSource(template, source)]
  })
  return [...own, ...later]
}

/** The source that a handler created. */
export function startSource(template: SourceTemplate, source: CreatedSource): RunningSource {
  return {
    template,
    address: source.address,
    addressBytes: hexBytes(source.address),
    startBlock: source.block,
    endBlock: undefined,
    context: source.context,
  }
}

/** Whether the two would handle the same triggers in the same way. */
export function isSameSource(a: RunningSource, b: RunningSource): boolean {
  if (a.template !== b.template || a.address !== b.address) return false
  if (a.context === undefined || b.context === undefined) return a.context === b.context
  return sameEntity(a.context, b.context)
}

/** Whether the source handles triggers of the block. */
export function isActive(source: RunningSource, blockNumber: number): boolean {
  return (
    source.startBlock <= blockNumber &&
    (source.endBlock === undefined || blockNumber <= source.endBlock)
  )
}

/** The address of a created source; undefined where the text is none. */
export function createdAddress(text: string | undefined): string | undefined {
  const digits = (text ?? '').replace(/^(0x)+/, '')
  if (!/^[0-9a-fA-F]{40}$/.test(digits)) return undefined
  return bytesText(hexBytes(`0x${digits}`))
}

function hexBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}
