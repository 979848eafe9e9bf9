/**
 * The outcome of `work`, or a rejection with `signal.reason` as soon as the signal aborts. What the work
 * comes to after that is dropped.
 */
export function untilAborted<Value>(work: PromiseLike<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    const settle = (how: () => void) => {
      signal.removeEventListener('abort', abort)
      how()
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    )
  })
}
