import { errorFrameOf } from './error-frames.ts'
import type { ConnectionFault, ErrorForm } from '../script/types.ts'
import type { Frame, Wire } from './wire.ts'

/** Faults that a response goes on after. */
type Aside = Exclude<ConnectionFault, { do: 'close' | 'terminate' | 'delay' | 'error' }>

/** What a client must take a stale event's response for, where there was no earlier response. */
export const UNKNOWN_ID = 'resp_stale'

/** Carries out a fault that needs no waiting. `write` adds what the place of the fault adds to an event. */
export function aside(fault: Aside, wire: Wire, write: (frame: Frame) => void, staleId: () => string): void {
  switch (fault.do) {
    case 'silence':
      return wire.silence(fault.ms ?? null)
    case 'stop-reading':
      return wire.stopReading(fault.ms ?? null)
    case 'stale-event':
      return write(staleEvent(fault.event ?? 'response.failed', fault.responseId ?? staleId()))
    case 'unknown-event':
      return write({ type: fault.event ?? 'response.unheard_of', note: 'An event type of a later version.' })
    case 'keepalive':
      return write({ type: 'keepalive' })
    case 'binary':
      return wire.sendBinary(new Uint8Array(fault.bytes ?? 16))
    case 'broken-json':
      return wire.sendText(fault.text ?? '{"type":"response.output_text.delta","delta":"cut o')
    case 'oversized':
      return write(padded(fault.bytes))
  }
}

/** Ends the connection, with a close frame or without. */
export function hangUp(fault: Extract<ConnectionFault, { do: 'close' | 'terminate' }>, wire: Wire): void {
  if (fault.do === 'close') wire.close(fault.code ?? 1011, fault.reason ?? '')
  else wire.terminate(fault.reset ?? false)
}

/** Carries out a fault of a connection, outside any response. A `delay` is for the caller to wait. */
export function strike(fault: ConnectionFault, wire: Wire, errors: ErrorForm, staleId: () => string): void {
  switch (fault.do) {
    case 'close':
    case 'terminate':
      return hangUp(fault, wire)
    case 'error':
      return wire.send(errorFrameOf(fault.error ?? {}, errors))
    case 'delay':
      return
    default:
      aside(fault, wire, (frame) => wire.send(frame), staleId)
  }
}

function staleEvent(type: string, id: string): Frame {
  const status = /^response\.(completed|failed|incomplete)$/.exec(type)?.[1] ?? 'in_progress'
  const error =
    status === 'failed' ? { code: 'server_error', message: 'A late event of an old response.' } : null
  return { type, response: { id, object: 'response', status, output: [], error, incomplete_details: null } }
}

/** An event of an unknown type that is at least `bytes` bytes long, and valid JSON. */
function padded(bytes: number): Frame {
  return { type: 'response.padding', padding: 'x'.repeat(bytes) }
}
