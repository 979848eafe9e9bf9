/** What names of headers and of query parameters have in them when their values are credentials. */
const CREDENTIAL =
  /auth(?!ors?\b)|cookie|credential|csrf|jwt|key|pass(?:phrase|wd|word)|pwd|secret|signature|token(?!s)/i

/** Keys that name a request, or a shard, and open nothing. */
const NO_CREDENTIAL = /^(?:x-)?(?:idempotency|partition|routing|prompt-cache|sec-websocket)-key$/i

/**
 * The one rule for whether a header, or a query parameter, carries a credential. Such a value must be sealed in a
 * machine's input, is never shown, and is taken out of whatever a peer echoes.
 */
export function isCredentialName(name: string): boolean {
  return CREDENTIAL.test(name) && !NO_CREDENTIAL.test(name)
}
