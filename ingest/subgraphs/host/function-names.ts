/** Functions that mappings may import. */
export const KNOWN_FUNCTIONS: ReadonlySet<string> = new Set(
  [
    'abort log.log crypto.keccak256 ens.nameByHash',
    'store.get store.get_in_block store.loadRelated store.set store.remove',
    'typeConversion.bytesToString typeConversion.bytesToHex typeConversion.bigIntToString',
    'typeConversion.bigIntToHex typeConversion.stringToH160 typeConversion.bytesToBase58',
    'dataSource.create dataSource.createWithContext',
    'dataSource.address dataSource.network dataSource.context',
    'bigInt.plus bigInt.minus bigInt.times bigInt.dividedBy bigInt.dividedByDecimal bigInt.mod',
    'bigInt.pow bigInt.fromString bigInt.bitOr bigInt.bitAnd bigInt.leftShift bigInt.rightShift',
    'bigDecimal.plus bigDecimal.minus bigDecimal.times bigDecimal.dividedBy',
    'bigDecimal.equals bigDecimal.toString bigDecimal.fromString',
    'ethereum.call ethereum.getBalance ethereum.hasCode ethereum.encode ethereum.decode',
    'json.fromBytes json.try_fromBytes json.toI64 json.toU64 json.toF64 json.toBigInt',
    'yaml.fromBytes yaml.try_fromBytes',
  ].flatMap((line) => line.split(' ')),
)

/** Functions of graph-node that this runtime leaves out, and what to do about each. */
export const REFUSED_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['ipfs.cat', 'Read the file by other means; The Graph’s network refuses ipfs.cat as well.'],
  ['ipfs.map', 'Read the file by other means; The Graph’s network refuses ipfs.map as well.'],
  ['ipfs.getBlock', 'Read the file by other means; The Graph’s network refuses it as well.'],
  ['arweave.transactionData', 'Remove the call; The Graph removed the function.'],
  ['box.profile', 'Remove the call; The Graph removed the function.'],
])

/** Whether a mapping may import the function. */
export function isKnownFunction(name: string): boolean {
  return KNOWN_FUNCTIONS.has(name)
}
