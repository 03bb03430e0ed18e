/** Rows of text as they are shown in a plain table and written to a file. */
export type Sheet = {
  /** The file's name without its ending. */
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Writes a sheet as CSV (RFC 4180): quoted where needed, lines ended by CRLF. */
export function sheetToCsv(sheet: Sheet): string {
  return [sheet.columns, ...sheet.rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

/** Gives a file to the reader's browser to keep. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  URL.revokeObjectURL(url)
}

/** A cell that a spreadsheet would take for a formula is given as text. */
function csvCell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
