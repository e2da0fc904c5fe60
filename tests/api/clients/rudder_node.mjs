// @rudderstack/rudder-sdk-node: events one after another, then the end of the process. Arguments: url, key, how many, seconds between.
// It gives up after four tries in two seconds, and takes this process with it.
import { setTimeout } from 'node:timers/promises'
import Analytics from '@rudderstack/rudder-sdk-node'

const [url, key, total, pause] = process.argv.slice(2)
const client = new Analytics(key, { dataPlaneUrl: url, flushAt: 5, flushInterval: 500 })
for (let n = 0; n < Number(total); n++) {
  client.track({ userId: 'u', event: `rudder_node.mjs ${n}` })
  await setTimeout(1000 * pause)
}
await client.flush()
