/** Writes `text` as a ClickHouse string literal, quotes included; any text is safe inside it. */
export function stringLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** Writes `name` as a quoted ClickHouse identifier, back quotes included; any name is safe. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}
