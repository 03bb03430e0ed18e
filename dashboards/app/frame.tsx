import { Link, Outlet, useNavigate, useRouterState, useSearch } from '@tanstack/react-router'
import { type ReactElement, useEffect, useRef } from 'react'

import { CombMark, Icon } from '../parts/icon.tsx'
import { SearchBox } from './search-box.tsx'
import { StatusStrip } from './status-strip.tsx'
import { type ThemeChoice, useTheme } from './theme.ts'
import { usePolledReport } from './use-polled-report.ts'

const PAGES = [
  { to: '/', label: 'Overview' },
  { to: '/assets', label: 'Assets' },
  { to: '/epochs', label: 'Epochs' },
  { to: '/health', label: 'Health' },
] as const

/** What surrounds every page: navigation, search, the state of the chain, the theme. */
export function Frame(): ReactElement {
  const report = usePolledReport()
  const fromUrl = useSearch({ strict: false, select: (search) => search.theme })
  const choice = useTheme(fromUrl)
  const main = useRef<HTMLElement>(null)
  useFocusOnNavigation(main)
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="topbar">
        <div className="topbar-row">
          <Link to="/" className="wordmark">
            <CombMark />
            Foggara
          </Link>
          <nav className="nav" aria-label="Pages">
            {PAGES.map(({ to, label }) => (
              <Link
                key={to}
                to={to}
                activeOptions={{ exact: to === '/', includeSearch: false }}
                activeProps={{ 'aria-current': 'page' }}
              >
                {label}
              </Link>
            ))}
          </nav>
          <div className="topbar-end">
            <SearchBox />
            <ThemeButton choice={choice} />
          </div>
        </div>
      </header>
      <StatusStrip report={report} />
      <main className="page" id="content" tabIndex={-1} ref={main}>
        <Outlet />
      </main>
      <footer className="foot">
        <span>Every number here can be recomputed from its evidence.</span>
        <a href="/graphql">GraphQL</a>
      </footer>
    </>
  )
}

const NEXT_THEME = { system: 'light', light: 'dark', dark: undefined } as const

function ThemeButton({ choice }: { readonly choice: ThemeChoice }): ReactElement {
  const navigate = useNavigate()
  const current = choice.theme ?? 'system'
  const next = NEXT_THEME[current]
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Theme: ${current}. Change to ${next ?? 'system'}`}
      title={`Theme: ${current}`}
      onClick={() => {
        choice.choose(next)
        void navigate({ to: '.', search: (old) => ({ ...old, theme: undefined }), replace: true })
      }}
    >
      <Icon name={current} />
    </button>
  )
}

/** A reader who follows a link with the keyboard continues in the new page, not in the old one's place. */
function useFocusOnNavigation(main: React.RefObject<HTMLElement | null>): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const before = useRef(path)
  useEffect(() => {
    if (before.current !== undefined && path !== before.current) {
      main.current?.focus({ preventScroll: true })
    }
    before.current = path
  }, [path, main])
}
