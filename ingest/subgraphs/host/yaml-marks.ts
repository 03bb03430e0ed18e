import { isMap, isNode, isScalar, type YAMLMap, type YAMLSeq } from 'yaml'

/** A name without its own mark ends in its line and after so many characters. */
const KEY_LENGTH_MAX = 1024

type Mark = { readonly type: string; readonly offset: number; readonly source: string }
type Item = { readonly start: readonly Mark[]; readonly sep?: readonly Mark[] | undefined }

/**
 * Whether the marks of a list or a map are ones that libyaml refuses and the library does not: a tab
 * after the mark of an item, a name that is not there, or one that is too long for brackets.
 */
export function breaksMarks(text: string, node: YAMLMap | YAMLSeq): boolean {
  const items = itemsOf(node)
  if (items.some(hasTab)) return true
  if (!isMap(node)) return items.some(({ start }) => start.some(isExplicit) && hasNothing(start))
  return node.items.some((pair, index) => {
    const item = items[index]
    const isMarked = item?.start.some(isExplicit) === true
    if (!isMarked && isMissing(pair.key)) return true
    const colon = item?.sep?.find(({ type }) => type === 'map-value-ind')
    if (isMarked || node.flow !== true || colon === undefined || !isNode(pair.key)) return false
    const key = text.slice(pair.key.range?.[0] ?? 0, colon.offset)
    return key.length > KEY_LENGTH_MAX || key.includes('\n')
  })
}

function itemsOf({ srcToken }: YAMLMap | YAMLSeq): readonly Item[] {
  return srcToken === undefined || !('items' in srcToken) ? [] : srcToken.items
}

function hasTab({ start, sep = [] }: Item): boolean {
  const isMark = ({ type }: Mark) => type === 'seq-item-ind' || type === 'explicit-key-ind'
  if (!start.some(isMark)) return false
  const after = start.slice(start.findIndex(isMark) + 1)
  const colon = sep.findIndex(({ type }) => type === 'map-value-ind')
  const afterColon = colon < 0 || !start.some(isExplicit) ? [] : sep.slice(colon + 1)
  return [...after, ...afterColon].some(
    ({ type, source }) => type === 'space' && source.includes('\t'),
  )
}

function isExplicit({ type }: Mark): boolean {
  return type === 'explicit-key-ind'
}

/** In brackets of a list a mark of a name needs the name. */
function hasNothing(start: readonly Mark[]): boolean {
  return start.every(({ type }) => type === 'explicit-key-ind' || type === 'space')
}

/** Anchors and tags stand for a name that is empty. */
function isMissing(key: unknown): boolean {
  if (key === null) return true
  if (!isScalar(key) || key.source !== '' || key.type !== 'PLAIN') return false
  return key.anchor === undefined && key.tag === undefined
}
