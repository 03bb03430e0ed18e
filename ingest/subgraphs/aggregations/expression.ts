/** An SQL expression over the fields of a point, as it is written. */
export type Expression =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'sign'; readonly isMinus: boolean; readonly operand: Expression }
  | { readonly type: 'not'; readonly operand: Expression }
  | {
      readonly type: 'arithmetic'
      readonly operator: Arithmetic
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly type: 'comparison'
      readonly operator: Comparison
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly type: 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly type: 'is'
      readonly what: 'null' | 'true' | 'false'
      readonly isNegated: boolean
      readonly operand: Expression
    }
  | {
      readonly type: 'distinct'
      readonly isNegated: boolean
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly type: 'case'
      readonly operand: Expression | undefined
      readonly branches: readonly { readonly condition: Expression; readonly result: Expression }[]
      readonly otherwise: Expression
    }
  | { readonly type: 'call'; readonly name: string; readonly parameters: readonly Expression[] }
  | { readonly type: 'cast'; readonly operand: Expression; readonly to: string }

/** Operators between numbers that give a number. */
export type Arithmetic = '+' | '-' | '*' | '/' | '%'

/** Operators that compare. */
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

const LENGTH_MAX = 4000
const DEPTH_MAX = 100

const WORDS = new Set(
  'and as case cast distinct else end false from is not null or then true when'.split(' '),
)
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

/**
 * Reads an expression with the precedence of Postgres; names of fields are taken as they are written.
 *
 * @throws {ExpressionError} saying what is not understood.
 */
export function parseExpression(text: string): Expression {
  if (text.length > LENGTH_MAX) {
    throw new ExpressionError(`an expression of more than ${LENGTH_MAX} characters`)
  }
  const reader = openReader(tokensOf(text))
  const expression = disjunction(reader)
  const rest = reader.peek()
  if (rest.type !== 'end') throw new ExpressionError(`\`${rest.text}\``)
  return expression
}

/** The names of the fields in an expression. */
export function fieldsOf(expression: Expression): readonly string[] {
  switch (expression.type) {
    case 'field':
      return [expression.name]
    case 'number':
    case 'null':
    case 'boolean':
      return []
    case 'sign':
    case 'not':
    case 'is':
    case 'cast':
      return fieldsOf(expression.operand)
    case 'arithmetic':
    case 'comparison':
    case 'and':
    case 'or':
    case 'distinct':
      return [expression.left, expression.right].flatMap(fieldsOf)
    case 'call':
      return expression.parameters.flatMap(fieldsOf)
    case 'case': {
      const { operand, branches, otherwise } = expression
      const parts = branches.flatMap(({ condition, result }) => [condition, result])
      return [...(operand === undefined ? [] : [operand]), ...parts, otherwise].flatMap(fieldsOf)
    }
  }
}

type Token = { readonly type: 'number' | 'name' | 'word' | 'symbol' | 'end'; readonly text: string }

type Reader = {
  peek(): Token
  next(): Token
  /** Takes the token if it is this word or symbol. */
  takes(text: string): boolean
  /** @throws {ExpressionError} for another token. */
  expect(text: string): void
  nested(read: () => Expression): Expression
}

const TOKEN =
  /\s*(?:((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|"([^"]+)"|(--|\/\*|<=>|<=|>=|<>|!=|::|[-+*/%=<>(),]))/y

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  const pattern = new RegExp(TOKEN)
  const end = text.trimEnd().length
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (match === null) throw new ExpressionError(`\`${text.slice(at).trim()}\``)
    const [, number, name, quoted, symbol] = match
    if (number !== undefined) tokens.push({ type: 'number', text: number })
    else if (quoted !== undefined) tokens.push({ type: 'name', text: quoted })
    else if (symbol !== undefined) tokens.push({ type: 'symbol', text: symbol })
    else if (name !== undefined) tokens.push(wordOrName(name))
  }
  return tokens
}

function wordOrName(text: string): Token {
  const lower = text.toLowerCase()
  return WORDS.has(lower) ? { type: 'word', text: lower } : { type: 'name', text }
}

function openReader(tokens: readonly Token[]): Reader {
  const end: Token = { type: 'end', text: 'the end' }
  let at = 0
  let depth = 0
  const peek = () => tokens[at] ?? end
  const takes = (text: string) => {
    const token = peek()
    const isIt = (token.type === 'word' || token.type === 'symbol') && token.text === text
    if (isIt) at += 1
    return isIt
  }
  return {
    peek,
    takes,
    next: () => {
      const token = peek()
      at += 1
      return token
    },
    expect: (text) => {
      if (takes(text)) return
      throw new ExpressionError(`\`${peek().text}\` in place of \`${text}\``)
    },
    nested: (read) => {
      depth += 1
      if (depth > DEPTH_MAX) throw new ExpressionError(`more than ${DEPTH_MAX} nested parts`)
      const expression = read()
      depth -= 1
      return expression
    },
  }
}

function disjunction(reader: Reader): Expression {
  return reader.nested(() => {
    let left = conjunction(reader)
    while (reader.takes('or')) left = { type: 'or', left, right: conjunction(reader) }
    return left
  })
}

function conjunction(reader: Reader): Expression {
  let left = negation(reader)
  while (reader.takes('and')) left = { type: 'and', left, right: negation(reader) }
  return left
}

function negation(reader: Reader): Expression {
  if (!reader.takes('not')) return predicate(reader)
  return { type: 'not', operand: reader.nested(() => negation(reader)) }
}

function predicate(reader: Reader): Expression {
  let operand = comparison(reader)
  while (reader.takes('is')) {
    const isNegated = reader.takes('not')
    if (reader.takes('distinct')) {
      reader.expect('from')
      operand = { type: 'distinct', isNegated, left: operand, right: comparison(reader) }
      continue
    }
    const what = (['null', 'true', 'false'] as const).find((word) => reader.takes(word))
    if (what === undefined) throw new ExpressionError(`\`is ${reader.peek().text}\``)
    operand = { type: 'is', what, isNegated, operand }
  }
  return operand
}

/** Comparisons do not chain. */
function comparison(reader: Reader): Expression {
  const left = sum(reader)
  const { type, text } = reader.peek()
  const operator = type === 'symbol' ? COMPARISONS[text] : undefined
  if (operator === undefined) return left
  reader.next()
  return { type: 'comparison', operator, left, right: sum(reader) }
}

function sum(reader: Reader): Expression {
  let left = product(reader)
  for (;;) {
    const operator = (['+', '-'] as const).find((symbol) => reader.takes(symbol))
    if (operator === undefined) return left
    left = { type: 'arithmetic', operator, left, right: product(reader) }
  }
}

function product(reader: Reader): Expression {
  let left = signed(reader)
  for (;;) {
    const operator = (['*', '/', '%'] as const).find((symbol) => reader.takes(symbol))
    if (operator === undefined) return left
    left = { type: 'arithmetic', operator, left, right: signed(reader) }
  }
}

function signed(reader: Reader): Expression {
  const isMinus = reader.takes('-')
  if (!isMinus && !reader.takes('+')) return casts(reader)
  return { type: 'sign', isMinus, operand: reader.nested(() => signed(reader)) }
}

function casts(reader: Reader): Expression {
  let operand = primary(reader)
  while (reader.takes('::')) operand = { type: 'cast', operand, to: typeName(reader) }
  return operand
}

function primary(reader: Reader): Expression {
  if (reader.takes('(')) {
    const inner = disjunction(reader)
    reader.expect(')')
    return inner
  }
  if (reader.takes('case')) return choice(reader)
  if (reader.takes('null')) return { type: 'null' }
  if (reader.takes('true')) return { type: 'boolean', value: true }
  if (reader.takes('false')) return { type: 'boolean', value: false }
  if (reader.takes('cast')) {
    reader.expect('(')
    const operand = disjunction(reader)
    reader.expect('as')
    const to = typeName(reader)
    reader.expect(')')
    return { type: 'cast', operand, to }
  }
  const token = reader.next()
  if (token.type === 'number') return { type: 'number', text: token.text }
  if (token.type !== 'name') throw new ExpressionError(`\`${token.text}\``)
  if (!reader.takes('(')) return { type: 'field', name: token.text }
  return { type: 'call', name: token.text.toLowerCase(), parameters: parametersOf(reader) }
}

function parametersOf(reader: Reader): readonly Expression[] {
  const parameters: Expression[] = []
  if (reader.takes(')')) return parameters
  do parameters.push(disjunction(reader))
  while (reader.takes(','))
  reader.expect(')')
  return parameters
}

function choice(reader: Reader): Expression {
  const { type, text } = reader.peek()
  const isSearched = type === 'word' && text === 'when'
  const operand = isSearched ? undefined : disjunction(reader)
  const branches: { condition: Expression; result: Expression }[] = []
  while (reader.takes('when')) {
    const condition = disjunction(reader)
    reader.expect('then')
    branches.push({ condition, result: disjunction(reader) })
  }
  if (branches.length === 0) reader.expect('when')
  const otherwise: Expression = reader.takes('else') ? disjunction(reader) : { type: 'null' }
  reader.expect('end')
  return { type: 'case', operand, branches, otherwise }
}

function typeName(reader: Reader): string {
  const { type, text } = reader.next()
  if (type !== 'name') throw new ExpressionError(`\`${text}\` in place of a type`)
  return text.toLowerCase()
}

/** The expression is not one that is computed here; the message says what was found. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
}
