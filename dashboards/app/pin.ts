import { useSearch } from '@tanstack/react-router'

import type { FrameSearch } from './url-search.ts'

/** The block that the URL pins every answer to; nothing means the newest. */
export function usePin(): number | undefined {
  return useSearch({ strict: false, select: (search: FrameSearch) => search.block })
}
