/** Replaces every secret of one attempt in a text that a peer wrote. */
export type Scrub = (text: string) => string

/** Shorter ones would tear ordinary words apart and protect nothing. */
const SHORTEST = 4

/** Peers echo what they were sent, in close reasons and error bodies. What is shown goes through here first. */
export function createScrub(secrets: readonly string[]): Scrub {
  const worth = secrets.filter((secret) => secret.length >= SHORTEST).toSorted((a, b) => b.length - a.length)
  return (text) => worth.reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text)
}
