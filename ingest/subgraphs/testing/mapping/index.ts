// Handlers for tests of the runtime, each for one thing that mappings do.

import {
  AbiValue,
  Block,
  Call,
  Entity,
  Event,
  Value,
  bigDecimal,
  bigInt,
  crypto,
  dataSource,
  ens,
  ethereum,
  log,
  store,
  typeConversion,
} from './host'

export function allocate(size: usize): usize {
  return __alloc(size)
}

export function id_of_type(index: u32): u32 {
  return index == 0 ? idof<String>() : index == 1 ? idof<ArrayBuffer>() : index
}

// The compiler sets the memory up at the first allocation that it sees, and the host allocates too.
let scratch = new Uint8Array(1)
const ONE = bigInt.fromString('1')
let callCount = 0

function count(id: string): void {
  const entity = store.get('Counter', id)
  let value = ONE
  if (entity !== null) value = bigInt.plus(integerOf(entity, 'count'), ONE)
  const counter = new Entity().set('id', Value.text(id)).set('count', Value.integer(value))
  store.set('Counter', id, counter)
}

function integerOf(entity: Entity, name: string): Uint8Array {
  return changetype<Uint8Array>(<usize>entity.get(name)!.payload)
}

/** A token moves: two accounts change, the token has another owner, and the move is recorded. */
export function handleTransfer(event: Event): void {
  const from = typeConversion.bytesToHex(event.bytes(0))
  const to = typeConversion.bytesToHex(event.bytes(1))
  const id = event.bytes(2)
  const idText = typeConversion.bigIntToString(id)
  changeBalance(from, false)
  changeBalance(to, true)
  const token = new Entity()
  token.set('id', Value.text(idText))
  token.set('owner', Value.text(to))
  token.set('number', Value.integer(id))
  store.set('Token', idText, token)
  const moveId =
    typeConversion.bytesToHex(event.transaction.hash) +
    '-' +
    typeConversion.bigIntToString(event.logIndex)
  const move = new Entity()
  move.set('id', Value.text(moveId))
  move.set('from', Value.text(from))
  move.set('to', Value.text(to))
  move.set('token', Value.text(idText))
  move.set('block', Value.integer(event.block.number))
  store.set('Move', moveId, move)
}

function changeBalance(id: string, isMore: bool): void {
  let account = store.get('Account', id)
  if (account === null) {
    account = new Entity()
    account.set('id', Value.text(id))
    account.set('balance', Value.integer(bigInt.fromString('0')))
  }
  const balance = integerOf(account, 'balance')
  account.set(
    'balance',
    Value.integer(isMore ? bigInt.plus(balance, ONE) : bigInt.minus(balance, ONE)),
  )
  store.set('Account', id, account)
}

/** What this leaves in memory and globals must not be there for the next handler. */
export function handleCount(event: Event): void {
  callCount += 1
  scratch = new Uint8Array(20_000)
  for (let at = 0; at < scratch.length; at++) scratch[at] = 7
  count('calls')
  store.set(
    'Counter',
    'seen',
    new Entity().set('count', Value.integer(bigInt.fromString(callCount.toString()))),
  )
}

export function handleEndless(event: Event): void {
  while (callCount >= 0) callCount = 1
}

export function handleRecursion(event: Event): void {
  callCount = deeper(1)
}

function deeper(depth: i32): i32 {
  return depth < 0 ? depth : deeper(depth + 1) + 1
}

export function handleGreedy(event: Event): void {
  let size = 0
  for (let round = 0; round < 1_000_000; round++) size += new Uint8Array(1_000_000).length
  callCount = size
}

/** Little memory, but the host would copy it many times. */
export function handleReread(event: Event): void {
  const texts = new Array<Value>(1000)
  const large = Value.bytes(new Uint8Array(1_000_000))
  for (let at = 0; at < texts.length; at++) texts[at] = large
  store.set('Texts', 'a', new Entity().set('texts', Value.list(texts)))
}

/** Records the same move a second time, with another block. */
export function handleMoveAgain(event: Event): void {
  const move = new Entity()
    .set('id', Value.text('move'))
    .set('block', Value.integer(event.logIndex))
  for (let at = 0; at < 3; at++) {
    move.set(['from', 'to', 'token'][at], Value.text('a'))
  }
  store.set('Move', 'move', move)
}

export function handleSeal(event: Event): void {
  const seal = new Entity().set('block', Value.integer(event.block.number))
  store.set('Seal', 'seal', seal)
}

export function handleAssert(event: Event): void {
  count('asserted')
  dataSource.create('Child', [typeConversion.bytesToHex(event.address)])
  assert(false, 'asserted')
}

export function handleTrap(event: Event): void {
  count('trapped')
  callCount = 1 / (callCount - callCount)
}

export function handleCritical(event: Event): void {
  log.log(0, 'critical')
}

export function handleMissingField(event: Event): void {
  store.set('Account', 'incomplete', new Entity().set('id', Value.text('incomplete')))
}

export function handleUnknownField(event: Event): void {
  store.set(
    'Counter',
    'a',
    new Entity().set('count', Value.integer(ONE)).set('other', Value.int(1)),
  )
}

export function handleCreate(event: Event): void {
  const context = new Entity().set('origin', Value.text('here'))
  dataSource.createWithContext('Child', [typeConversion.bytesToHex(event.bytes(0))], context)
}

export function handleChild(event: Event): void {
  const origin = changetype<string>(<usize>dataSource.context().get('origin')!.payload)
  count('child ' + origin + ' ' + typeConversion.bytesToHex(dataSource.address()))
}

export function handleBlock(block: Block): void {
  count('block')
}

export function handleOnce(block: Block): void {
  count('once')
}

/** Asks twice, so that it runs three times, and writes between. */
export function handleCall(event: Event): void {
  count('before the call')
  const first = ask(event, 'balanceOf', 'balanceOf(address):(uint256)')
  count('between')
  const second = ask(event, 'reverts', 'reverts(address):(uint256)')
  const entity = new Entity()
  entity.set(
    'count',
    Value.integer(first === null ? ONE : changetype<Uint8Array>(<usize>first[0].payload)),
  )
  store.set('Counter', second === null ? 'reverted' : 'returned', entity)
}

function ask(event: Event, name: string, signature: string): Array<AbiValue> | null {
  const value = new AbiValue()
  value.payload = changetype<usize>(event.bytes(0))
  return ethereum.call(new Call('Token', event.address, name, signature, [value]))
}

export function handleRemoveAndSet(event: Event): void {
  store.remove('Optional', 'a')
  const entity = new Entity().set('id', Value.text('a')).set('note', Value.nothing())
  store.set('Optional', 'a', entity)
}

export function handleSetOptional(event: Event): void {
  const entity = new Entity().set('id', Value.text('a')).set('note', Value.text('note'))
  store.set('Optional', 'a', entity)
}

export function handleRelated(event: Event): void {
  const owner = typeConversion.bytesToHex(event.bytes(0))
  const tokens = store.loadRelated('Account', owner, 'tokens')
  const entity = new Entity().set(
    'count',
    Value.integer(bigInt.fromString(tokens.length.toString())),
  )
  store.set('Counter', 'tokens of ' + owner, entity)
}

export function handleConvert(event: Event): void {
  const third = bigDecimal.dividedBy(bigDecimal.fromString('1'), bigDecimal.fromString('3'))
  const texts: Array<Value> = [
    Value.text(bigDecimal.toString(third)),
    Value.text(typeConversion.bytesToBase58(event.address)),
    Value.text(typeConversion.bytesToHex(crypto.keccak256(event.address))),
    Value.text('a\0b'),
    Value.text(dataSource.network()),
  ]
  store.set('Texts', 'a', new Entity().set('texts', Value.list(texts)))
}

/** The bits of what is no number, by ways on which processors differ. */
export function handleNotANumber(event: Event): void {
  const zero = <f64>(callCount - callCount)
  const small = <f32>(callCount - callCount)
  const texts: Array<Value> = [
    Value.text(reinterpret<u64>(zero / zero).toString()),
    Value.text(reinterpret<u64>(sqrt<f64>(zero - 1)).toString()),
    Value.text(reinterpret<u32>(small / small).toString()),
    Value.text(reinterpret<u64>((zero + 3) / 2).toString()),
  ]
  store.set('Texts', 'a', new Entity().set('texts', Value.list(texts)))
}

export function handleEnsName(event: Event): void {
  const name = ens.nameByHash(typeConversion.bytesToHex(event.block.hash))
  const count = bigInt.fromString(name === null ? '0' : '1')
  store.set('Counter', 'names', new Entity().set('count', Value.integer(count)))
}

export function handleTimeseries(event: Event): void {
  store.set('Point', 'auto', new Entity().set('value', Value.integer(ONE)))
  store.set('Point', 'auto', new Entity().set('value', Value.integer(ONE)))
}

/** Names a file of IPFS by the 32 bytes of its hash; the first parameter says what it is to do. */
export function handleNameFile(event: Event): void {
  const number = event.bytes(2)
  const name = new Uint8Array(34)
  name[0] = 0x12
  name[1] = 0x20
  for (let at = 0; at < 32; at++) name[33 - at] = at < number.length ? number[at] : 0
  const context = new Entity().set('task', Value.int(event.bytes(0)[19]))
  dataSource.createWithContext('File', [typeConversion.bytesToBase58(name)], context)
}

export function handleNameOther(event: Event): void {
  dataSource.create('File', ['no file at all'])
  dataSource.create('Transaction', ['8APeQ5lW0-csTcBaGdPBDLAL2ci2AT9pTn2tppGPU_8'])
}

/** A file stores itself, unless its task is another. */
export function handleFile(bytes: Uint8Array): void {
  const name = typeConversion.bytesToString(dataSource.address())
  const content = typeConversion.bytesToString(bytes)
  const context = dataSource.context().get('task')
  const task = context === null ? 0 : <i32>context.payload
  if (task == 2) dataSource.create('File', [content])
  if (task == 3) dataSource.create('Child', ['0x00000000000000000000000000000000000000cc'])
  if (task == 4) count('files')
  if (task == 5) ethereum.getBalance(dataSource.address())
  if (task == 6) assert(store.get('Document', content) === null, 'a file saw another one')
  const id = task == 7 ? 'shared' : name
  const document = new Entity().set('id', Value.text(id)).set('content', Value.text(content))
  store.set('Document', id, document)
  assert(store.get('Document', id) !== null, 'a file did not see itself')
}

export function handleLookForFiles(event: Event): void {
  const found = store.get('Document', 'shared') !== null
  const entity = new Entity().set('count', Value.integer(bigInt.fromString(found ? '1' : '0')))
  store.set('Counter', 'documents', entity)
}
