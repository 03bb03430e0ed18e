/** A domain word as prose: `FINETUNED_FROM` → `fine-tuned from`, `dataProviders` → `data providers`. */
export function prose(word: string): string {
  const known = PROSE[word]
  if (known !== undefined) return known
  const spaced = word.includes('_') ? word.replaceAll('_', ' ') : splitCamel(word)
  return spaced.toLowerCase()
}

/** The same with a capital first letter, for headings and labels. */
export function label(word: string): string {
  const text = prose(word)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const PROSE: Readonly<Record<string, string>> = {
  FINETUNED_FROM: 'fine-tuned from',
  AGENT_RUN: 'agent run',
}

function splitCamel(word: string): string {
  return /^[A-Z]+$/.test(word) ? word : word.replaceAll(/([a-z])([A-Z])/g, '$1 $2')
}
