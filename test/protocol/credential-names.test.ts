import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isCredentialName } from '../../src/protocol/credential-names.ts'

export const CREDENTIAL_HEADERS = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'api-key',
  'x-api-key',
  'openai-api-key',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
  'x-functions-key',
  'x-auth-token',
  'x-amz-security-token',
  'x-access-token',
  'x-secret',
  'x-client-secret',
  'x-password',
  'x-csrf-token',
  'x-jwt-assertion',
  'x-hub-signature',
  'www-authenticate',
]

it.each(CREDENTIAL_HEADERS)('%s carries a credential', (name) => {
  expect(isCredentialName(name)).toBe(true)
})

it.each([
  'accept',
  'author',
  'content-type',
  'idempotency-key',
  'openai-organization',
  'openai-project',
  'retry-after',
  'user-agent',
  'x-idempotency-key',
  'x-ratelimit-remaining-tokens',
  'x-request-id',
  'x-tenant',
])('%s carries none', (name) => {
  expect(isCredentialName(name)).toBe(false)
})

it('case makes no difference, and a prefix does not hide it', () => {
  const name = fc
    .tuple(fc.constantFrom('', 'x-', 'my-', 'x-vendor-'), fc.constantFrom(...CREDENTIAL_HEADERS), fc.nat())
    .map(([prefix, header, seed]) =>
      Array.from(prefix + header, (c, i) => ((seed >> (i % 31)) & 1 ? c.toUpperCase() : c)).join(''),
    )
  fc.assert(fc.property(name, (header) => isCredentialName(header)))
})
