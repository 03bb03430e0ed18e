import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { ApiError } from './app/fetch-operation.ts'
import { router } from './app/router.tsx'

import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/panel.css'
import './style/parts.css'
import './style/table.css'
import './style/chart.css'
import './style/graph.css'
import './style/epoch.css'

const RETRY_COUNT_MAX = 2

const client = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      networkMode: 'always',
      retry: (count, error) =>
        count < RETRY_COUNT_MAX && error instanceof ApiError && error.code === 'API_UNREACHABLE',
    },
  },
})

const host = document.querySelector('#root')
if (host !== null) {
  createRoot(host).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}
