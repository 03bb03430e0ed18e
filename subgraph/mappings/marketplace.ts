import {
  ListingCancelled,
  ListingCreated,
  SaleCompleted,
} from '../generated/Marketplace/Marketplace'
import { Listing, Sale } from '../generated/schema'
import { account, addEvidence, countEvent, eventId } from './protocol'

const CONTRACT = 'Marketplace'

export function handleListingCreated(event: ListingCreated): void {
  countEvent(CONTRACT, event)
  const listing = new Listing(event.params.listingId.toString())
  listing.asset = event.params.assetId
  listing.seller = account(event.params.seller, event).id
  listing.price = event.params.price
  listing.status = 'OPEN'
  listing.isStale = false
  listing.block = event.block.number
  listing.save()
}

export function handleListingCancelled(event: ListingCancelled): void {
  countEvent(CONTRACT, event)
  const listing = Listing.load(event.params.listingId.toString())!
  listing.status = 'CANCELLED'
  listing.save()
}

export function handleSaleCompleted(event: SaleCompleted): void {
  countEvent(CONTRACT, event)
  const listing = Listing.load(event.params.listingId.toString())!
  const sale = new Sale(eventId(event))
  sale.listing = listing.id
  sale.asset = event.params.assetId
  sale.seller = account(event.params.seller, event).id
  sale.buyer = account(event.params.buyer, event).id
  sale.price = event.params.price
  sale.fee = event.params.fee
  addEvidence(sale, event)
  sale.save()
  listing.status = 'SOLD'
  listing.sale = sale.id
  listing.save()
}
