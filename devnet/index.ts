export {
  activateRoot,
  anchorBatch,
  anchorDigests,
  buyLicence,
  claim,
  fundEpoch,
  grantLicence,
  linkEdge,
  mineTo,
  offerTerms,
  pay,
  prepareAccounts,
  proposeRoot,
  publishRuleset,
  registerAsset,
  registerProvider,
} from './actions.ts'
export { DEVNET_MNEMONIC, devnetAccounts, type DevnetAccount } from './accounts.ts'
export {
  AnvilExitedError,
  AnvilMissingError,
  FINALITY_BLOCK_COUNT,
  PortInUseError,
  startAnvil,
  type Anvil,
  type AnvilOptions,
} from './anvil.ts'
export { describeRevert, encodeCall, readArtifact, type Artifact } from './artifacts.ts'
export { ChainStoreDivergedError, openChainStore, type ChainStore } from './chain-store.ts'
export {
  TransactionRevertedError,
  connectDevnet,
  headNumber,
  mine,
  mineBlock,
  read,
  transact,
  type Devnet,
  type Transaction,
  type TransactionReceipt,
} from './chain.ts'
export { BLOCK_STEP_SECONDS, GENESIS_SECONDS, blockSeconds } from './clock.ts'
export {
  ChainNotFreshError,
  DEPLOYMENT_BLOCK,
  TOKEN_SUPPLY,
  TOKEN_UNIT,
  deploy,
  devnetDeployment,
  isDeployed,
  type DeployOptions,
} from './deploy.ts'
export {
  DEFAULT_SIZE,
  runEconomy,
  seedHistory,
  type EconomyBlock,
  type RunEconomyOptions,
} from './economy/history.ts'
export { participantsOf, type ComputeProvider, type Participants } from './economy/participants.ts'
export { firstRuleset } from './economy/setup.ts'
export { batchOf, signReceipt, type ReceiptBatch } from './receipts.ts'
export { submitReceiptsTo } from './submit-receipts.ts'
