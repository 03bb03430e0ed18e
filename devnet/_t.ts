import { startAnvil } from './anvil.ts'
import { deploy } from './deploy.ts'
import { connectDevnet, read, mine, headNumber } from './chain.ts'
import { seedHistory } from './economy/history.ts'
import { readFileSync } from 'node:fs'
const a = await startAnvil(process.env.STATE ? {stateFile: process.env.STATE} : {})
try {
const d = await deploy(a.rpcUrl); 
const n = connectDevnet(a.rpcUrl, d)
console.time('history')
const r = await seedHistory(n, {seed: process.env.SEED ?? 'foggara', blockCount: Number(process.env.B ?? 240), assetCount: Number(process.env.N ?? 320)})
console.timeEnd('history')
console.log(r, readFileSync(`/proc/${a.pid}/status`,'utf8').match(/VmRSS.*|VmHWM.*/g), process.memoryUsage().rss>>20)
} finally { 
await a.stop(); console.log(await a.exited) }
