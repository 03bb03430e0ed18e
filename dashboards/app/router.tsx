import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router'

import { readAssetSearch } from '../pages/asset-search.ts'
import { readAssetsSearch } from '../pages/assets-search.ts'
import { readEpochSearch } from '../pages/epoch-search.ts'
import { NotFoundPage } from '../pages/not-found-page.tsx'
import { ErrorPage } from './error-page.tsx'
import { Frame } from './frame.tsx'
import { parseUrlSearch, readFrameSearch, stringifyUrlSearch } from './url-search.ts'

const root = createRootRoute({
  component: Frame,
  notFoundComponent: () => <NotFoundPage />,
  validateSearch: readFrameSearch,
  search: { middlewares: [retainSearchParams(['block', 'theme'])] },
})

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/overview-page.tsx'), 'OverviewPage'),
})

const assets = createRoute({
  getParentRoute: () => root,
  path: '/assets',
  validateSearch: readAssetsSearch,
  component: lazyRouteComponent(() => import('../pages/assets-page.tsx'), 'AssetsPage'),
})

const asset = createRoute({
  getParentRoute: () => root,
  path: '/assets/$id',
  validateSearch: readAssetSearch,
  component: lazyRouteComponent(() => import('../pages/asset-page.tsx'), 'AssetPage'),
})

const epochs = createRoute({
  getParentRoute: () => root,
  path: '/epochs',
  component: lazyRouteComponent(() => import('../pages/epochs-page.tsx'), 'EpochsPage'),
})

const epoch = createRoute({
  getParentRoute: () => root,
  path: '/epochs/$number',
  validateSearch: readEpochSearch,
  component: lazyRouteComponent(() => import('../pages/epoch-page.tsx'), 'EpochPage'),
})

const account = createRoute({
  getParentRoute: () => root,
  path: '/accounts/$address',
  component: lazyRouteComponent(() => import('../pages/account-page.tsx'), 'AccountPage'),
})

const provider = createRoute({
  getParentRoute: () => root,
  path: '/providers/$address',
  component: lazyRouteComponent(() => import('../pages/provider-page.tsx'), 'ProviderPage'),
})

const receipt = createRoute({
  getParentRoute: () => root,
  path: '/receipts/$digest',
  component: lazyRouteComponent(() => import('../pages/receipt-page.tsx'), 'ReceiptPage'),
})

const health = createRoute({
  getParentRoute: () => root,
  path: '/health',
  component: lazyRouteComponent(() => import('../pages/health-page.tsx'), 'HealthPage'),
})

/** Every page by its URL; what a page shows is in the URL too. */
export const router = createRouter({
  routeTree: root.addChildren([
    overview,
    assets,
    asset,
    epochs,
    epoch,
    account,
    provider,
    receipt,
    health,
  ]),
  parseSearch: parseUrlSearch,
  stringifySearch: stringifyUrlSearch,
  defaultPreload: 'intent',
  defaultErrorComponent: ErrorPage,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
