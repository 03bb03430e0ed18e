import { FatalError } from '@foggara/schema'

/**
 * An error that ClickHouse would report: a numeric code and one text in its own wording.
 *
 * It crosses the HTTP front, where the client of the database turns it into a coded error.
 */
export class ClickHouseException extends FatalError {
  /** The number ClickHouse gives this kind of error, for example 62 for a syntax error. */
  readonly exceptionCode: number

  constructor(exceptionCode: number, name: string, text: string) {
    super(name, `Code: ${exceptionCode}. DB::Exception: ${text} (${name})`)
    this.exceptionCode = exceptionCode
  }

  /** Reads the text of an error of the engine; a text without a code becomes code 1002. */
  static parse(text: string): ClickHouseException {
    const bare = text.replace(/^(?:Query failed|Stream[^:]*failed): /u, '')
    const inner = bare.replace(/^(?:Code: \d+\. DB::Exception: )+(?=Code: \d+\. )/u, '')
    const found = /^Code: (\d+)\. DB::Exception: ([\s\S]*)\(([A-Z][A-Z0-9_]+)\)/u.exec(inner)
    const [, code, message, name] = found ?? []
    if (code === undefined || message === undefined || name === undefined) {
      return new ClickHouseException(1002, 'UNKNOWN_EXCEPTION', oneLine(bare))
    }
    return new ClickHouseException(Number(code), name, withoutPaths(message.trim()))
  }
}

/** The HTTP status a ClickHouse server answers with for an exception code. */
export function httpStatusOf(exceptionCode: number): number {
  return STATUS.get(exceptionCode) ?? 500
}

const BAD_REQUEST = [6, 26, 27, 36, 38, 41, 42, 43, 53, 62, 69, 70, 72, 117, 130, 131, 190, 456]
const NOT_FOUND = [46, 47, 50, 56, 60, 63, 73, 81, 115]

const STATUS = new Map<number, number>([
  ...BAD_REQUEST.map((code): [number, number] => [code, 400]),
  ...NOT_FOUND.map((code): [number, number] => [code, 404]),
  [48, 501],
  [159, 408],
  [202, 503],
  [307, 413],
  [439, 503],
  [516, 403],
])

/** Hides where the payload of an insert was kept, and that the engine reads it from a file. */
function withoutPaths(message: string): string {
  return message
    .replaceAll(/: \(in file\/uri [^)]*\)/gu, '')
    .replaceAll(/(?:\/[^\s'"`()]*)?incoming\/[0-9a-f-]{36}/gu, 'the request body')
    .replace(/: data for INSERT was parsed from file\.?/u, '')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').slice(0, 2000)
}
