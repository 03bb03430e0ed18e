import { PaymentMade, RevenueClaimed, RoyaltyPaid } from '../generated/RevenueVault/RevenueVault'
import { Payment, RevenueClaim, RevenuePoint, RoyaltyPayment, Vault } from '../generated/schema'
import { account, addEvidence, countEvent, eventId, protocol, vault } from './protocol'
import { PAYMENT_KINDS, word } from './words'

const CONTRACT = 'RevenueVault'

export function handlePaymentMade(event: PaymentMade): void {
  countEvent(CONTRACT, event)
  const payer = account(event.params.payer, event)
  payer.paidTotal = payer.paidTotal.plus(event.params.amount)
  payer.save()
  const payment = new Payment(eventId(event))
  payment.asset = event.params.assetId
  payment.payer = payer.id
  payment.kind = word(PAYMENT_KINDS, event.params.kind)
  payment.amount = event.params.amount
  payment.fee = event.params.fee
  payment.subject = event.params.subject
  addEvidence(payment, event)
  payment.save()
  if (payment.kind != 'SALE') {
    const paid = vault(event.params.assetId)
    paid.receivedTotal = paid.receivedTotal.plus(payment.amount).minus(payment.fee)
    saveHeld(paid)
  }
  const sums = protocol()
  sums.paymentTotal = sums.paymentTotal.plus(payment.amount)
  sums.feeTotal = sums.feeTotal.plus(payment.fee)
  sums.save()
  addPoint(payment)
}

export function handleRoyaltyPaid(event: RoyaltyPaid): void {
  countEvent(CONTRACT, event)
  const child = vault(event.params.childId)
  child.royaltyOutTotal = child.royaltyOutTotal.plus(event.params.amount)
  saveHeld(child)
  const parent = vault(event.params.parentId)
  parent.royaltyInTotal = parent.royaltyInTotal.plus(event.params.amount)
  saveHeld(parent)
  const royalty = new RoyaltyPayment(eventId(event))
  royalty.child = child.id
  royalty.parent = parent.id
  royalty.amount = event.params.amount
  addEvidence(royalty, event)
  royalty.save()
  const sums = protocol()
  sums.royaltyTotal = sums.royaltyTotal.plus(royalty.amount)
  sums.save()
}

export function handleRevenueClaimed(event: RevenueClaimed): void {
  countEvent(CONTRACT, event)
  const claimed = vault(event.params.assetId)
  claimed.claimedTotal = claimed.claimedTotal.plus(event.params.amount)
  saveHeld(claimed)
  const claimant = account(event.params.account, event)
  claimant.revenueTotal = claimant.revenueTotal.plus(event.params.amount)
  claimant.save()
  const claim = new RevenueClaim(eventId(event))
  claim.vault = claimed.id
  claim.account = claimant.id
  claim.amount = event.params.amount
  addEvidence(claim, event)
  claim.save()
}

/** What came in less what went out: each amount is in exactly one of the four sums. */
function saveHeld(changed: Vault): void {
  const received = changed.receivedTotal.plus(changed.royaltyInTotal)
  changed.held = received.minus(changed.royaltyOutTotal).minus(changed.claimedTotal)
  changed.save()
}

function addPoint(payment: Payment): void {
  const point = new RevenuePoint(0)
  point.asset = payment.asset
  point.kind = payment.kind
  point.amount = payment.amount
  point.fee = payment.fee
  point.save()
}
