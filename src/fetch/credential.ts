import type { ResponsesConnection } from '../index.ts'

/** Who a request is made for: its key, organization and project, each a text or null. */
export type RequestCredential = Parameters<ResponsesConnection['isFor']>[0]

/** Reads who a request over HTTP is made for. Another scheme than `Bearer` is part of the key. */
export function credentialOf(headers: Headers): RequestCredential {
  const bearer = headers.get('authorization')?.replace(/^bearer +/i, '')
  return {
    apiKey: bearer ?? headers.get('api-key'),
    organization: headers.get('openai-organization'),
    project: headers.get('openai-project'),
  }
}
