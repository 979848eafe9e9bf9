import { HoldlineError, type HoldlineErrorCode } from './errors.ts'
import { NOTHING_SAID, type ServerSaid } from './server-said.ts'

/**
 * An error in which the other side may have had a say. Where it had none, its fields are null; `headers` is empty
 * then.
 */
export class RemoteError extends HoldlineError implements ServerSaid {
  override readonly name: string = 'RemoteError'
  readonly status: number | null
  readonly type: string | null
  readonly serverCode: string | null
  readonly serverMessage: string | null
  readonly param: string | null
  readonly requestId: string | null
  readonly retryAfterMs: number | null
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: HoldlineErrorCode,
    message: string,
    said: ServerSaid | null = null,
    options?: ErrorOptions,
  ) {
    super(code, message, options)
    const { status, type, serverCode, serverMessage, param, requestId, retryAfterMs, headers } =
      said ?? NOTHING_SAID
    this.status = status
    this.type = type
    this.serverCode = serverCode
    this.serverMessage = serverMessage
    this.param = param
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
    this.headers = headers
  }

  override toJSON(): Record<string, unknown> {
    const { status, type, serverCode, serverMessage, param, requestId, retryAfterMs, headers } = this
    const said = { status, type, serverCode, serverMessage, param, requestId, retryAfterMs, headers }
    return { ...super.toJSON(), ...said }
  }
}

/** How a message quotes the other side: its words on one line, its name for them, and the field that they are about. */
export function quoted({ status, type, serverCode, serverMessage, param }: ServerSaid): string {
  const names = [serverCode ?? type, status === null ? null : `status ${status}`, param]
  const where = names.filter((name) => name !== null).join(', ')
  if (serverMessage === null) return where
  const words = `"${serverMessage.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()}"`
  return where === '' ? words : `${words} (${where})`
}
