import type { ReactElement } from 'react'

const PATHS = {
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  check: 'm3 8.5 3.2 3.2L13 5',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  close: 'm4 4 8 8m0-8-8 8',
  sort: 'M8 3v10m-3.5-3.5L8 13l3.5-3.5',
  arrow: 'M3 8h10m-4-4 4 4-4 4',
  system: 'M2 3.5h12v8H2zM6 14h4',
  light:
    'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M3 13l1.2-1.2M11.8 4.2 13 3',
  dark: 'M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z',
  pin: 'M5 2.5h6M6 2.5v4L4 9.5h8l-2-3v-4M8 9.5V14',
} as const

export type IconName = keyof typeof PATHS

/** A small drawing that says nothing to a screen reader: its button names it. */
export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.2 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}

/** The comb that divides the flow: the product's mark. */
export function CombMark(): ReactElement {
  return (
    <svg width="26" height="22" viewBox="0 0 26 22" fill="none" aria-hidden="true">
      <g stroke="currentColor" strokeWidth="2.2" strokeLinecap="round">
        <path d="M1.5 11h7" />
        <path d="M8.500 11c4.500 0 4-8.500 8-8.500h8M8.500 11c4.500 0 4-2.800 8-2.800h8M8.500 11c4.500 0 4 2.800 8 2.800h8M8.500 11c4.500 0 4 8.500 8 8.500h8" />
      </g>
    </svg>
  )
}
