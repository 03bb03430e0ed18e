export { defineConfig, type Config, type ConfigFile } from './config.ts'
