import type { AssetKind, Hex, Relation } from '@foggara/schema'

import type { Draws } from './random.ts'

const FAMILIES = (
  'Atlas Tassili Hoggar Adrar Djanet Touat Gourara Siroua Draa Ennedi Tibesti Fezzan Kufra Siwa ' +
  'Zagora Timgad Saguia Tademait Barkhan Sirocco Amguid Iferouane Taoudenni Ghat'
).split(' ')

const SIZES = ['1B', '3B', '7B', '8B', '13B', '34B', '70B']

const FIELDS = (
  'instruct chat legal medical finance code math vision speech agronomy logistics hydrology ' +
  'education translate support planner'
).split(' ')

const LANGUAGES = (
  'Tamasheq Hassaniya Kabyle Wolof Hausa Bambara Fulfulde Zarma Kanuri Darija Tachelhit Songhay ' +
  'Amharic Swahili Yoruba Somali Tigrinya Lingala'
).split(' ')

const CORPORA = (
  'speech-corpus parallel-text news-archive ocr-scans dialogues instructions captions ' +
  'manuscripts market-prices well-logs satellite-tiles field-notes bench'
).split(' ')

const TOOLS = (
  'tokenizer vector-index eval-harness prompt-guard sql-runner retriever reranker ocr-engine ' +
  'scheduler feature-store watermarker geo-coder'
).split(' ')

const AGENT_NAMES = 'Caravan Guide Ksar Scribe Herald Qanat Steward Nomad Broker Ferryman'.split(
  ' ',
)

const DUTIES = (
  'claims-agent research-agent desk-agent crop-advisor tutor-agent triage-agent route-planner ' +
  'contract-reviewer code-agent water-steward'
).split(' ')

const MACHINES = 'H200x8 H100x8 A100x4 L40Sx8 MI300x8 RTX6000x4'.split(' ')

const REGIONS = 'dakar algiers niamey cairo nairobi tunis lagos casablanca'.split(' ')

const QUANTS = 'int8 q4 q5 fp8 awq gguf-q6'.split(' ')

/** A name for an asset that descends from nothing. */
export function rootName(kind: AssetKind, draws: Draws): string {
  switch (kind) {
    case 'MODEL':
      return `${draws.pick(FAMILIES)}-${draws.pick(SIZES)}-base`
    case 'DATASET':
      return `${draws.pick(LANGUAGES)}-${draws.pick(CORPORA)}`
    case 'AGENT':
      return `${draws.pick(AGENT_NAMES)}-${draws.pick(DUTIES)}`
    case 'TOOL':
      return `${draws.pick(FAMILIES)}-${draws.pick(TOOLS)}`
    case 'COMPUTE':
      return `${draws.pick(REGIONS)}-${draws.pick(MACHINES)}-pool`
  }
}

/** A name that shows what an asset was made from: `Atlas-7B-base` gives `Atlas-7B-legal-lora`. */
export function derivedName(
  kind: AssetKind,
  parentName: string,
  relation: Relation,
  draws: Draws,
): string {
  const [family = 'Atlas', second = '7B'] = parentName.split('-')
  switch (relation) {
    case 'FINETUNED_FROM':
      return `${family}-${second}-${draws.pick(FIELDS)}`
    case 'ADAPTER_OF':
      return `${family}-${second}-${draws.pick(FIELDS)}-lora`
    case 'QUANTIZED_FROM':
      return `${parentName.replace(/-base$/, '')}-${draws.pick(QUANTS)}`
    case 'MERGED_FROM':
      return `${family}-${draws.pick(FAMILIES)}-${second}-merge`
    case 'DISTILLED_FROM':
      return `${family}-${draws.pick(SIZES.slice(0, 4))}-distill`
    case 'DATASET_DERIVED_FROM':
      return `${family}-${draws.pick(CORPORA)}-${draws.pick(['clean', 'dedup', 'aligned', 'mini'])}`
    case 'TRAINED_ON':
      return `${draws.pick(FAMILIES)}-${draws.pick(SIZES)}-${family.toLowerCase()}`
    case 'EVALUATED_ON':
    case 'COMPOSED_OF':
      return rootName(kind, draws)
  }
}

/** `name`, or `name-2`, `name-3`, … when it is taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  let count = 2
  while (taken.has(`${name}-${count}`)) count += 1
  return `${name}-${count}`
}

/** The IPFS address (CID v1, raw, sha2-256) of content with this hash. */
export function ipfsUri(hash: Hex): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  const bits = Array.from(`01551220${hash.slice(2)}`)
    .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
    .join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  const text = groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)])
  return `ipfs://b${text.join('')}`
}
