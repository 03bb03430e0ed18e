// The part of graph-ts that the sample mapping needs, with the same layout in memory.

export class Value {
  kind: i32 = 5
  payload: u64 = 0

  static of(kind: i32, payload: u64): Value {
    const value = new Value()
    value.kind = kind
    value.payload = payload
    return value
  }
  static text(text: string): Value {
    return Value.of(0, changetype<usize>(text))
  }
  static int(value: i32): Value {
    return Value.of(1, <u64>value)
  }
  static nothing(): Value {
    return Value.of(5, 0)
  }
  static bytes(bytes: Uint8Array): Value {
    return Value.of(6, changetype<usize>(bytes))
  }
  static integer(value: Uint8Array): Value {
    return Value.of(7, changetype<usize>(value))
  }
  static list(values: Array<Value>): Value {
    return Value.of(4, changetype<usize>(values))
  }
  static decimal(value: Decimal): Value {
    return Value.of(2, changetype<usize>(value))
  }
}

export class Decimal {
  digits: Uint8Array = new Uint8Array(0)
  exponent: Uint8Array = new Uint8Array(0)
}

export class Entry {
  constructor(
    public key: string,
    public value: Value,
  ) {}
}

export class Entity {
  entries: Array<Entry> = []

  set(key: string, value: Value): Entity {
    for (let index = 0; index < this.entries.length; index++) {
      if (this.entries[index].key == key) {
        this.entries[index].value = value
        return this
      }
    }
    this.entries.push(new Entry(key, value))
    return this
  }
  get(key: string): Value | null {
    for (let index = 0; index < this.entries.length; index++) {
      if (this.entries[index].key == key) return this.entries[index].value
    }
    return null
  }
}

export class AbiValue {
  kind: i32 = 0
  payload: u64 = 0
}

export class Parameter {
  name: string = ''
  value: AbiValue = new AbiValue()
}

export class Transaction {
  hash: Uint8Array = new Uint8Array(0)
}

export class Block {
  hash: Uint8Array = new Uint8Array(0)
  parentHash: Uint8Array = new Uint8Array(0)
  unclesHash: Uint8Array = new Uint8Array(0)
  author: Uint8Array = new Uint8Array(0)
  stateRoot: Uint8Array = new Uint8Array(0)
  transactionsRoot: Uint8Array = new Uint8Array(0)
  receiptsRoot: Uint8Array = new Uint8Array(0)
  number: Uint8Array = new Uint8Array(0)
}

export class Event {
  address: Uint8Array = new Uint8Array(0)
  logIndex: Uint8Array = new Uint8Array(0)
  transactionLogIndex: Uint8Array = new Uint8Array(0)
  logType: string | null = null
  block: Block = new Block()
  transaction: Transaction = new Transaction()
  parameters: Array<Parameter> = []

  bytes(index: i32): Uint8Array {
    return changetype<Uint8Array>(<usize>this.parameters[index].value.payload)
  }
}

export class Call {
  constructor(
    public contractName: string,
    public address: Uint8Array,
    public functionName: string,
    public signature: string,
    public values: Array<AbiValue>,
  ) {}
}

export declare namespace store {
  function get(type: string, id: string): Entity | null
  function get_in_block(type: string, id: string): Entity | null
  function loadRelated(type: string, id: string, field: string): Array<Entity>
  function set(type: string, id: string, entity: Entity): void
  function remove(type: string, id: string): void
}
export declare namespace bigInt {
  function plus(x: Uint8Array, y: Uint8Array): Uint8Array
  function minus(x: Uint8Array, y: Uint8Array): Uint8Array
  function dividedBy(x: Uint8Array, y: Uint8Array): Uint8Array
  function fromString(text: string): Uint8Array
}
export declare namespace bigDecimal {
  function dividedBy(x: Decimal, y: Decimal): Decimal
  function fromString(text: string): Decimal
  function toString(value: Decimal): string
}
export declare namespace typeConversion {
  function bytesToHex(bytes: Uint8Array): string
  function bytesToString(bytes: Uint8Array): string
  function bytesToBase58(bytes: Uint8Array): string
  function bigIntToString(value: Uint8Array): string
}
export declare namespace dataSource {
  function create(template: string, parameters: Array<string>): void
  function createWithContext(template: string, parameters: Array<string>, context: Entity): void
  function address(): Uint8Array
  function network(): string
  function context(): Entity
}
export declare namespace ethereum {
  function call(call: Call): Array<AbiValue> | null
  function encode(value: AbiValue): Uint8Array | null
  function getBalance(address: Uint8Array): Uint8Array
}
export declare namespace ens {
  function nameByHash(hash: string): string | null
}
export declare namespace crypto {
  function keccak256(bytes: Uint8Array): Uint8Array
}
export declare namespace log {
  function log(level: i32, message: string): void
}
