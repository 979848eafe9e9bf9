/** RFC 6455 section 5.5: a control frame carries 125 bytes, and two of them are the close code. */
const MAX_REASON_BYTES = 123

/** The reason, cut between two characters where it would not fit a close frame. */
export function closeReason(reason: string): string {
  if (Buffer.byteLength(reason) <= MAX_REASON_BYTES) return reason
  let cut = ''
  let bytes = 0
  for (const character of reason) {
    bytes += Buffer.byteLength(character)
    if (bytes > MAX_REASON_BYTES) break
    cut += character
  }
  return cut
}
