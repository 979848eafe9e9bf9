import type { TurnEvent } from '../../../machines/turn/types.ts'
import { HttpExchangeError, HttpStatusError } from '../../http/errors.ts'
import type { BodyClock } from '../../http/refusal.ts'
import { isHoldlineError } from '../../protocol/errors.ts'
import type { ResponseCreateEvent } from '../../protocol/index.ts'
import type { Secret } from '../../protocol/secret.ts'
import type { TransportOptions } from '../../protocol/transport.ts'
import type { LaneInbox } from './lane-inbox.ts'

/** One turn over `POST …/responses`: what became of it is told as the same facts that a socket would give. */
export interface HttpSending {
  readonly transport: Secret<TransportOptions>
  readonly event: ResponseCreateEvent
  readonly signal: AbortSignal
  readonly clock: BodyClock
  readonly inbox: LaneInbox
  readonly tell: (fact: TurnEvent) => void
  /** Keeps the error for whoever asks why the turn ended. */
  readonly note: (error: unknown) => void
}

/** Settles when the exchange is over. Never rejects. */
export async function sendOverHttp({
  transport,
  event,
  signal,
  clock,
  inbox,
  tell,
  note,
}: HttpSending): Promise<void> {
  let isSent = false
  const sent = (): void => {
    if (isSent) return
    isSent = true
    tell({ type: 'turn.dispatched' })
  }
  const { type: _type, stream_id: _lane, generate: _generate, ...body } = event
  try {
    const { streamResponse } = await import('../../http/index.ts')
    await streamResponse({
      transport,
      body,
      signal,
      clock,
      onSent: sent,
      onEvent: (_event, frame, bytes) => {
        if (frame !== null) inbox.receive(frame, bytes)
        else if (bytes > 0) inbox.receiveGarbage()
      },
    })
  } catch (error) {
    // Given up by the application: the turn has settled already.
    if (signal.aborted) return
    note(error)
    if (error instanceof HttpStatusError) {
      const { status, serverCode: code, type: errorType, param, retryAfterMs } = error
      sent()
      tell({ type: 'turn.errored', refusal: { status, code, errorType, param }, retryAfterMs })
    } else if (isSent || (error instanceof HttpExchangeError && error.progress !== 'unsent')) {
      sent()
      tell({ type: 'turn.cut', closeInfo: null })
    } else {
      tell({ type: 'turn.undeliverable', code: isHoldlineError(error) ? error.code : 'ERR_CHART_FAILED' })
    }
  }
}
