import { useEffect, useState } from 'react'

import { THEMES, type Theme, readChoice } from './url-search.ts'

const STORAGE_KEY = 'foggara.theme'

/** The theme in force (nothing: the system's), and how to choose another. */
export type ThemeChoice = {
  readonly theme: Theme | undefined
  readonly choose: (theme: Theme | undefined) => void
}

/** The theme of the URL, else the one chosen before on this machine, else the system's. */
export function useTheme(fromUrl: Theme | undefined): ThemeChoice {
  const [stored, setStored] = useState(readStored)
  const theme = fromUrl ?? stored
  useEffect(() => {
    if (theme === undefined) delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
  }, [theme])
  return {
    theme,
    choose: (next) => {
      setStored(next)
      writeStored(next)
    },
  }
}

function readStored(): Theme | undefined {
  try {
    return readChoice(localStorage.getItem(STORAGE_KEY), THEMES)
  } catch {
    return undefined // Storage may be forbidden; the system's theme serves as well.
  }
}

function writeStored(theme: Theme | undefined): void {
  try {
    if (theme === undefined) localStorage.removeItem(STORAGE_KEY)
    else localStorage.setItem(STORAGE_KEY, theme)
  } catch {
    // As above: the choice then lasts until the page is left.
  }
}
