import { type Measurement, type Published, readable } from './measurement.ts'

const WIDTH = 920
const LABEL_WIDTH = 360
const ROW_HEIGHT = 22
const TITLE_HEIGHT = 46
const BAR_WIDTH_MAX = WIDTH - LABEL_WIDTH - 220

/** All findings as bars, a group per subject and quantity, as an SVG of its own. */
export function pictureOf(title: string, findings: readonly Published[]): string {
  const rows: string[] = []
  let top = 40
  for (const { question, measurements } of findings) {
    rows.push(text(16, top + 14, question, 'question'))
    top += 26
    const groups = Map.groupBy(
      measurements,
      ({ subject, quantity, unit }) => `${subject}: ${quantity}, ${unit}`,
    )
    for (const [name, group] of groups) {
      rows.push(text(16, top + 14, name, 'group'))
      top += ROW_HEIGHT
      const largest = Math.max(...group.map(({ value }) => value))
      for (const measurement of group) {
        rows.push(barOf(measurement, largest, top))
        top += ROW_HEIGHT
      }
      top += 8
    }
    top += TITLE_HEIGHT - 26
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${top}"/>`,
    text(16, 26, title, 'title'),
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}

function barOf({ contender, value, ratio }: Measurement, largest: number, top: number): string {
  const width = largest > 0 ? Math.max(1, (value / largest) * BAR_WIDTH_MAX) : 1
  const note = ratio === undefined ? '' : ` (${ratio.times.toFixed(2)} × ${ratio.to})`
  return [
    text(32, top + 14, contender, 'label'),
    `<rect class="bar" x="${LABEL_WIDTH}" y="${top + 4}" width="${width.toFixed(1)}" height="12" rx="2"/>`,
    text(LABEL_WIDTH + width + 8, top + 14, `${readable(value)}${note}`, 'value'),
  ].join('')
}

function text(x: number, y: number, content: string, kind: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${escaped(content)}</text>`
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

const STYLE = `
text{font:12px system-ui,sans-serif;fill:#1c2430}
.ground{fill:#fff}.title{font-size:16px;font-weight:600}.question{font-size:13px;font-weight:600}
.group,.value{fill:#5a6472}.bar{fill:#3a6ea5}
@media (prefers-color-scheme:dark){text{fill:#e6eaf0}.ground{fill:#12161c}.group,.value{fill:#9aa5b4}.bar{fill:#6fa3d8}}`.replaceAll(
  '\n',
  '',
)
