import { SAMPLE_DEPLOYMENT } from '../../simulation/sample-chain.ts'
import { fuzzDecoders } from './fuzz-decoders.ts'

// `npm run fuzz:receipts [-- INPUTS] [SEED]`: a million inputs of seed 1 by default.

const [inputCount = 1_000_000, seed = 1] = process.argv.slice(2).map(Number)
const startMs = performance.now()
const { codes } = await fuzzDecoders(SAMPLE_DEPLOYMENT, seed, inputCount)
console.table(Object.fromEntries([...codes].toSorted(([, one], [, other]) => other - one)))
const seconds = Math.round((performance.now() - startMs) / 1000)
console.log(`${inputCount} inputs of seed ${seed} in ${seconds} s: each had its answer`)
