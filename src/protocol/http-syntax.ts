/** RFC 9110 section 5.6.2: the characters of a token, which is what header names and sub-protocols are. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 section 5.5: visible characters, spaces, tabs and obs-text. A line break would start another header. */
// oxlint-disable-next-line no-control-regex -- the control characters are what is refused
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

export function isFieldValue(text: string): boolean {
  return FIELD_VALUE.test(text)
}
