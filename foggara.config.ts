import { defineConfig } from '@foggara/cli'

export default defineConfig({})
