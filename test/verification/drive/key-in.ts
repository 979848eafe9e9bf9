/** The key in an upgrade request, as it crossed the wire; null where there is none. */
export function keyIn(request: string): string | null {
  return /^authorization: Bearer (.+)$/im.exec(request)?.[1]?.trim() ?? null
}
