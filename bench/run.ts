import { measureHotPath } from './hot-path.ts'
import { measureIdle } from './idle.ts'

console.log(await measureHotPath())
console.log(`\n${await measureIdle()}`)
