import { type ViewSql, domainRows, idOfAddress } from '../adapter.ts'

/** Story's number of the terms, made one of the asset that they are attached to. */
function termsId(ip: string, terms: string): string {
  const address = `reinterpretAsUInt256(reverse(${idOfAddress(ip)}))`
  return `bitOr(bitShiftLeft(${address}, 96), ${terms})`
}

/** A word of the encoded terms: a tuple that begins with its offset. */
function termsWord(index: number): string {
  return `substring(terms.license_terms, ${33 + 32 * index}, 32)`
}

/** A word of the encoded configuration, which the table gives from its own beginning on. */
function configWord(index: number): string {
  return `substring(config.encoded, ${1 + 32 * index}, 32)`
}

function number(word: string): string {
  return `reinterpretAsUInt256(reverse(${word}))`
}

/** A number that is an offset or a length; nothing on chain is longer. */
function small(word: string): string {
  return `toInt64(reinterpretAsUInt32(reverse(substring(${word}, 29, 4))))`
}

const TERMS = { fee: 2, expiration: 3, commercialUse: 4, share: 8, derivatives: 10, uri: 16 }
const CONFIG = { isSet: 0, fee: 1, share: 4, isDisabled: 5 }
const URI_AT = `32 + ${small(termsWord(TERMS.uri))}`

const licenceTerms: ViewSql = (from) =>
  domainRows(
    'licence_terms',
    from.relation('story_licensing_license_terms_attached'),
    {
      terms_id: termsId('source.ip_id', 'source.license_terms_id'),
      asset_id: idOfAddress('source.ip_id'),
      licensor: 'source.caller',
      price: `if(${number(configWord(CONFIG.isSet))} = 1,
        ${number(configWord(CONFIG.fee))}, ${number(termsWord(TERMS.fee))})`,
      royalty_share_e8: `if(
        ${number(configWord(CONFIG.isSet))} = 1 and ${number(configWord(CONFIG.share))} != 0,
        ${number(configWord(CONFIG.share))}, ${number(termsWord(TERMS.share))})`,
      commercial_use: `${number(termsWord(TERMS.commercialUse))} = 1`,
      derivatives_allowed: `${number(termsWord(TERMS.derivatives))} = 1`,
      duration_seconds: `least(${number(termsWord(TERMS.expiration))}, toUInt256(18446744073709551615))`,
      uri: `toValidUTF8(substring(terms.license_terms, ${URI_AT} + 33,
        ${small(`substring(terms.license_terms, ${URI_AT} + 1, 32)`)}))`,
      is_withdrawn: `${number(configWord(CONFIG.isSet))} = 1
        and ${number(configWord(CONFIG.isDisabled))} = 1`,
      licence_count: 'minted.amount',
    },
    `left any join ${from.relation('story_terms_license_terms_registered')} as terms
      on terms.license_template = source.license_template
      and terms.license_terms_id = source.license_terms_id
    left join (
      select ip_id, license_template, license_terms_id,
        argMax(licensing_config, (block, log_index)) as encoded
      from ${from.relation('story_config_licensing_config_set_for_license')}
      group by ip_id, license_template, license_terms_id
    ) as config
      on config.ip_id = source.ip_id
      and config.license_template = source.license_template
      and config.license_terms_id = source.license_terms_id
    left join (
      select licensor_ip_id, license_template, license_terms_id, sum(amount) as amount
      from ${from.relation('story_licensing_license_tokens_minted')}
      group by licensor_ip_id, license_template, license_terms_id
    ) as minted
      on minted.licensor_ip_id = source.ip_id
      and minted.license_template = source.license_template
      and minted.license_terms_id = source.license_terms_id`,
  )

/** Tokens of one event; each costs gas, so that no real event has more. */
const TOKENS_MAX = 10_000

/** One licence a token. A token that is burned was used to register a derivative. */
const licence: ViewSql = (from) =>
  domainRows(
    'licence',
    `(
      select *, start_license_token_id
        + arrayJoin(range(toUInt64(least(amount, toUInt256(${TOKENS_MAX}))))) as token_id
      from ${from.relation('story_licensing_license_tokens_minted')}
    )`,
    {
      licence_id: 'source.token_id',
      terms_id: termsId('source.licensor_ip_id', 'source.license_terms_id'),
      asset_id: idOfAddress('source.licensor_ip_id'),
      licensee: 'source.receiver',
      holder: 'if(moved.moves = 0, source.receiver, moved.holder)',
      price: `if(fees.payments = 1 and mints.count = 1,
        intDiv(fees.amount, greatest(source.amount, toUInt256(1))), toUInt256(0))`,
      status: `if(moved.moves > 0 and moved.holder = toFixedString('', 20), 'USED', 'ACTIVE')`,
    },
    `left join (
      select token_id, count() as moves, argMax(\`to\`, (block, log_index)) as holder
      from ${from.relation('story_token_transfer')}
      group by token_id
    ) as moved on moved.token_id = source.token_id
    left join (
      select transaction_hash, receiver_ip_id, count() as payments, sum(amount) as amount
      from ${from.relation('story_royalty_license_minting_fee_paid')}
      group by transaction_hash, receiver_ip_id
    ) as fees
      on fees.transaction_hash = source.transaction_hash
      and fees.receiver_ip_id = source.licensor_ip_id
    left join (
      select transaction_hash, licensor_ip_id, count() as count
      from ${from.relation('story_licensing_license_tokens_minted')}
      group by transaction_hash, licensor_ip_id
    ) as mints
      on mints.transaction_hash = source.transaction_hash
      and mints.licensor_ip_id = source.licensor_ip_id`,
  )

/** Domain relations of licences. */
export const STORY_LICENCE_VIEWS: Readonly<Record<string, ViewSql>> = {
  licence_terms: licenceTerms,
  licence,
}
