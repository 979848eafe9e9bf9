/** Error codes that say the account is out of credit: waiting and other transports do not help. */
const QUOTA_CODES: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'usage_limit_reached',
  'usage_not_included',
])

/** True for a code, or a type, that says the account is out of credit. */
export function isQuotaCode(code: string): boolean {
  return QUOTA_CODES.has(code) || code.startsWith('billing')
}
