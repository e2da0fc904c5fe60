// @segment/analytics-node: events one after another, then the end of the process. Arguments: url, key, how many, seconds between.
import { setTimeout } from 'node:timers/promises'
import { Analytics } from '@segment/analytics-node'

const [url, writeKey, total, pause] = process.argv.slice(2)
const client = new Analytics({ writeKey, host: url, flushAt: 5, flushInterval: 500 })
client.on('error', (error) => { console.error(error); process.exitCode = 1 })
for (let n = 0; n < Number(total); n++) {
  client.track({ userId: 'u', event: `segment_node.mjs ${n}` })
  await setTimeout(1000 * pause)
}
await client.closeAndFlush({ timeout: 200_000 })
