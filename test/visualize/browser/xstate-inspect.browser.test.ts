import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { expect, it, onTestFinished } from 'vitest'
import { createActor } from 'xstate'
import { connectionMachine } from '../../../src/client/connection-machine.ts'
import { startXstateBridge } from '../../../visualize/xstate-bridge.ts'
import { useChromium } from './chromium.ts'

const chromium = useChromium()
const workspace = fileURLToPath(new URL('../../../visualize/xstate-inspect/', import.meta.url))

/** The package's browser receiver as one script, which leaves it in the global `receiver`. */
async function receiverScript(): Promise<string> {
  const result = await build({
    configFile: false,
    root: workspace,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      rollupOptions: { input: 'virtual:receiver', output: { format: 'iife', name: 'receiver' } },
      lib: { entry: 'virtual:receiver', formats: ['iife'], name: 'receiver' },
    },
    plugins: [
      {
        name: 'receiver',
        resolveId: (id) => (id === 'virtual:receiver' ? `${workspace}receiver-entry.js` : null),
        load: (id) =>
          id === `${workspace}receiver-entry.js`
            ? "export { createWebSocketReceiver } from '@xstate/inspect'"
            : null,
      },
    ],
  })
  const outputs = Array.isArray(result) ? result : [result]
  const code = outputs
    .flatMap((one) => ('output' in one ? one.output : []))
    .find((part) => part.type === 'chunk')?.code
  if (code === undefined) throw new Error('nothing was built')
  return code
}

it('the receiver of @xstate/inspect hears our connection in a browser', async () => {
  const bridge = await startXstateBridge(
    new URL('../../../visualize/xstate-inspect/bridge.ts', import.meta.url),
  )
  onTestFinished(() => bridge.close())
  const actor = createActor(connectionMachine, { input: {}, inspect: bridge.inspect }).start()
  onTestFinished(() => void actor.stop())
  // Its own origin is the one that the bridge answers.
  const page = await chromium.open(
    bridge.url.replace('ws:', 'http:').replace('/?', '/page?'),
    {},
    { allowErrors: /404/ },
  )
  await page.evaluate(`${await receiverScript()}
    globalThis.heard = []
    receiver.createWebSocketReceiver({ server: ${JSON.stringify(bridge.url.replace('ws://', ''))} })
      .subscribe((event) => globalThis.heard.push(event.type + ' ' + JSON.stringify(event.state?.value ?? event.event?.name ?? '')))`)
  const heard = async (): Promise<string[]> => await page.evaluate('globalThis.heard')
  await expect.poll(heard).toContain('service.register "idle"')
  actor.send({ type: 'close' })
  await expect.poll(heard).toContain('service.state {"closed":"settled"}')
  await expect.poll(heard).toContain('service.event "close"')
  actor.stop()
  await expect.poll(heard).toContain('service.stop ""')
})
