import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AnyActorRef, InspectionEvent } from 'xstate'
import { HoldlineError } from '../src/protocol/errors.ts'
import { createRedactor, redactEvent } from '../src/recording/redact.ts'
import { describeChart, isMachine } from './chart/describe.ts'
import type { ChartModel } from './chart/model.ts'
import { addressOf, refuseStranger, refuseWithoutToken } from './server/guard.ts'

/** Options of `startXstateBridge`. */
export interface XstateBridgeOptions {
  /** Port on 127.0.0.1. Default: 0, any that is free. */
  readonly port?: number | undefined
  /** Lets receivers send events to actors. Default: false. */
  readonly allowSend?: boolean | undefined
  /** As for `startInspector`. */
  readonly reveal?: readonly string[] | undefined
}

/** A running bridge to `@xstate/inspect` 0.8. */
export interface XstateBridge {
  /** For its `createWebSocketReceiver({ server })`, which takes it without the `ws://`. */
  readonly url: string
  readonly inspect: (event: InspectionEvent) => void
  close(): Promise<void>
}

/** What the workspace's module exports, without its types: there `xstate` is another version. */
interface BridgeModule {
  startBridge(
    options: object,
  ): Promise<{ port: number; inspect(event: InspectionEvent): void; close(): Promise<void> }>
}

/**
 * Starts the bridge of the workspace `visualize/xstate-inspect`, which is part of the repository only.
 *
 * @throws {HoldlineError} `ERR_INSPECTOR` where the workspace is not installed, or the port cannot be had
 */
export async function startXstateBridge(
  module: URL,
  options: XstateBridgeOptions = {},
): Promise<XstateBridge> {
  const token = randomBytes(24).toString('base64url')
  const redact = createRedactor(options)
  const bridge = await (
    await load(module)
  ).startBridge({
    port: options.port ?? 0,
    allowSend: options.allowSend ?? false,
    refuse: (request: IncomingMessage, port: number) => {
      const url = addressOf(request, port)
      return (
        refuseStranger(request, port) ??
        (url === null ? { status: 400, message: '' } : refuseWithoutToken(url, token))
      )
    },
    chartOf: (actor: AnyActorRef): ChartModel | null => {
      const logic: unknown = Reflect.get(actor, 'logic')
      return isMachine(logic) ? describeChart(logic) : null
    },
    snapshotOf: (actor: AnyActorRef): unknown => actor.getSnapshot(),
    redact,
    redactEvent: (event: unknown) => redactEvent(event, redact),
  })
  return {
    url: `ws://127.0.0.1:${bridge.port}/?token=${token}`,
    inspect: (event) => bridge.inspect(event),
    close: () => bridge.close(),
  }
}

async function load(module: URL): Promise<BridgeModule> {
  try {
    return (await import(module.href)) as BridgeModule
  } catch (error) {
    throw new HoldlineError(
      'ERR_INSPECTOR',
      'The bridge to @xstate/inspect could not be loaded. Nothing is fed to it. ' +
        'It belongs to the repository, not to the package: run npm ci there, then npm run visualize -- --xstate-inspect.',
      { cause: error },
    )
  }
}
