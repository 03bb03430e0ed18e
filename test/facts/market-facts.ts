import { type Fact, type Said, eventId, hexed, keyed, plain, struct, text, texts } from './fact.ts'

const TERMS: Fact = {
  name: 'licence terms',
  ofEntities: (live) =>
    keyed(live('LicenceTerms'), [
      'asset',
      'licensor',
      'price',
      'royaltyShareE8',
      'commercialUse',
      'derivativesAllowed',
      'durationSeconds',
      'uri',
      'isWithdrawn',
      'licenceCount',
      'block',
    ]),
  ofViews: (from) => `
    select toString(terms_id) as id, ${texts({
      asset: hexed('asset_id'),
      licensor: hexed('licensor'),
      price: text('price'),
      royaltyShareE8: text('royalty_share_e8'),
      commercialUse: text('commercial_use'),
      derivativesAllowed: text('derivatives_allowed'),
      durationSeconds: text('duration_seconds'),
      uri: 'uri',
      isWithdrawn: text('is_withdrawn'),
      licenceCount: text('licence_count'),
      block: text('block'),
    })}
    from ${from.relation('licence_terms')}`,
  ofContracts: async (call, id) =>
    struct(await call('LicenseNFT', 'termsOf', [BigInt(id)]), {
      asset: 'assetId',
      licensor: 'licensor',
      price: 'price',
      royaltyShareE8: 'royaltyShareE8',
      commercialUse: 'commercialUse',
      derivativesAllowed: 'derivativesAllowed',
      durationSeconds: 'durationSeconds',
      isWithdrawn: 'withdrawn',
    }),
  countOfContracts: (call) => call('LicenseNFT', 'termsCount'),
}

const LICENCES: Fact = {
  name: 'licences',
  ofEntities: (live) =>
    keyed(live('Licence'), [
      'terms',
      'asset',
      'licensee',
      'holder',
      'price',
      'expiresAtSeconds',
      'isRevoked',
      'block',
    ]),
  ofViews: (from) => `
    select toString(licence_id) as id, ${texts({
      terms: text('terms_id'),
      asset: hexed('asset_id'),
      licensee: hexed('licensee'),
      holder: hexed('holder'),
      price: text('price'),
      expiresAtSeconds: text('expires_at_seconds'),
      isRevoked: text(`toBool(status = 'REVOKED')`),
      block: text('block'),
    })}
    from ${from.relation('licence')}`,
  ofContracts: async (call, id) => ({
    ...struct(await call('LicenseNFT', 'licenceOf', [BigInt(id)]), {
      terms: 'termsId',
      expiresAtSeconds: 'expiresAtSeconds',
      isRevoked: 'revoked',
    }),
    holder: plain(await call('LicenseNFT', 'ownerOf', [BigInt(id)])),
  }),
  countOfContracts: (call) => call('LicenseNFT', 'licenceCount'),
}

const LISTINGS: Fact = {
  name: 'listings',
  ofEntities: (live) => keyed(live('Listing'), ['asset', 'seller', 'price', 'status', 'block']),
  ofViews: (from) => `
    select toString(listing_id) as id, ${texts({
      asset: hexed('asset_id'),
      seller: hexed('seller'),
      price: text('price'),
      status: 'status',
      block: text('block'),
    })}
    from ${from.relation('listing')}`,
  ofContracts: async (call, id, said) => {
    const listing = await call('Marketplace', 'listingOf', [BigInt(id)])
    const names = { asset: 'assetId', seller: 'seller', price: 'price', isOpen: 'open' }
    const { isOpen, ...rest } = struct(listing, names)
    const status = said['status'] ?? ''
    return { ...rest, status: (isOpen === 'true') === (status === 'OPEN') ? status : 'the other' }
  },
  countOfContracts: (call) => call('Marketplace', 'listingCount'),
}

const SALES: Fact = {
  name: 'sales',
  ofEntities: (live) =>
    keyed(live('Sale'), ['listing', 'asset', 'seller', 'buyer', 'price', 'fee', 'atSeconds']),
  ofViews: (from) => `
    select ${eventId('sale')} as id, ${texts({
      listing: text('listing_id'),
      asset: hexed('asset_id'),
      seller: hexed('seller'),
      buyer: hexed('buyer'),
      price: text('price'),
      fee: text('fee'),
      atSeconds: text('at_seconds'),
    })}
    from ${from.relation('sale')} as sale`,
}

const PAYMENTS: Fact = {
  name: 'payments',
  ofEntities: (live) =>
    keyed(live('Payment'), ['asset', 'payer', 'kind', 'amount', 'fee', 'subject', 'block']),
  ofViews: (from) => `
    select ${eventId('payment')} as id, ${texts({
      asset: hexed('asset_id'),
      payer: hexed('payer'),
      kind: 'kind',
      amount: text('amount'),
      fee: text('fee'),
      subject: hexed('subject'),
      block: text('block'),
    })}
    from ${from.relation('payment')} as payment`,
}

const ROYALTIES: Fact = {
  name: 'royalties',
  ofEntities: (live) => keyed(live('RoyaltyPayment'), ['child', 'parent', 'amount', 'block']),
  ofViews: (from) => `
    select ${eventId('royalty')} as id, ${texts({
      child: hexed('child_id'),
      parent: hexed('parent_id'),
      amount: text('amount'),
      block: text('block'),
    })}
    from ${from.relation('royalty')} as royalty`,
}

/** What sales bring goes to the seller: it is paid for an asset, but never in its vault. */
const VAULTS: Fact = {
  name: 'vaults, to the last unit',
  ofEntities: (live) => {
    const payments = Map.groupBy(live('Payment'), ({ asset }) => asset ?? '')
    return new Map(
      live('Vault').map((vault) => {
        const paid = payments.get(vault['id'] ?? '') ?? []
        const sum = (field: string) =>
          `${paid.reduce((total, payment) => total + BigInt(payment[field] ?? ''), 0n)}`
        const counts = { paymentCount: `${paid.length}`, paid: sum('amount'), fees: sum('fee') }
        return [vault['id'] ?? '', { ...counts, ...vaultSums(vault) }] as const
      }),
    )
  },
  ofViews: (from) => `
    select ${hexed('asset.asset_id')} as id, ${texts({
      paymentCount: text('payment_count'),
      paid: text('paid_in'),
      fees: text('fees'),
      receivedTotal: text('received'),
      royaltyInTotal: text('royalties_in'),
      royaltyOutTotal: text('royalties_out'),
      claimedTotal: text('claimed'),
      held: text('received + royalties_in - royalties_out - claimed'),
    })}
    from ${from.relation('asset')} as asset
    left join ${from.relation('asset_revenue')} as revenue on revenue.asset_id = asset.asset_id
    left join (
      select asset_id, sum(amount - fee) as received
      from ${from.relation('payment')}
      where kind != 'SALE'
      group by asset_id
    ) as paid on paid.asset_id = asset.asset_id`,
  ofContracts: async (call, id) => {
    const [unsettled, claimable] = Object.values(
      Object(await call('RevenueVault', 'vaultOf', [id])),
    )
    return { held: `${BigInt(String(unsettled)) + BigInt(String(claimable))}` }
  },
}

function vaultSums(vault: Said): Said {
  const names = ['receivedTotal', 'royaltyInTotal', 'royaltyOutTotal', 'claimedTotal', 'held']
  return Object.fromEntries(names.map((name) => [name, vault[name] ?? '']))
}

/** Accounts that never had a token are not in the view. */
const BALANCES: Fact = {
  name: 'balances and stakes of tokens',
  ofEntities: (live) => {
    const moved = new Set([
      ...live('TokenTransfer').flatMap(({ sender, recipient }) => [sender, recipient]),
      ...live('TokenStake').map(({ account }) => account),
    ])
    return keyed(
      live('Account').filter(({ id }) => moved.has(id)),
      ['balance', 'staked'],
    )
  },
  ofViews: (from) => `
    select ${hexed('account')} as id, ${texts({ balance: text('amount'), staked: text('staked') })}
    from ${from.relation('balance')}`,
  ofContracts: async (call, id) => ({
    balance: plain(await call('VotesToken', 'balanceOf', [id])),
    staked: plain(await call('VotesToken', 'stakedOf', [id])),
  }),
}

/** Facts about licences, trade and money. */
export const MARKET_FACTS: readonly Fact[] = [
  TERMS,
  LICENCES,
  LISTINGS,
  SALES,
  PAYMENTS,
  ROYALTIES,
  VAULTS,
  BALANCES,
]
