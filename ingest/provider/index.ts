export {
  postBatch,
  postReceipts,
  type ReceiptTarget,
  ReceiptsNotTakenError,
  ReceiptsRefusedError,
  type SentOutcome,
} from './post-receipts.ts'
export {
  openReceiptSender,
  type ReceiptDraft,
  type ReceiptSender,
  type ReceiptSenderOptions,
} from './receipt-sender.ts'
export {
  BatchUnfitError,
  openReceiptSigner,
  type ReceiptSigner,
  type SignedBatch,
} from './sign-batch.ts'
