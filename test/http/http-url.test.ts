import { expect, test } from 'vitest'
import { httpUrlOf } from '../../src/http/index.ts'
import { compactUrlOf } from '../../src/http/http-url.ts'

test.each([
  ['wss://api.openai.com/v1/responses', 'https://api.openai.com/v1/responses'],
  ['ws://127.0.0.1:8080/v1/responses', 'http://127.0.0.1:8080/v1/responses'],
  [
    'wss://a.test/openai/v1/responses?api-version=1&x=%20y',
    'https://a.test/openai/v1/responses?api-version=1&x=%20y',
  ],
  ['WSS://A.test:443', 'https://a.test/'],
  ['wss://u:p%40ss@[::1]:9/', 'https://u:p%40ss@[::1]:9/'],
  [' ws://a.test/', 'http://a.test/'],
])('%s', (url, expected) => {
  expect(httpUrlOf(url)).toBe(expected)
})

test.each([
  ['wss://a.test/v1/responses', 'https://a.test/v1/responses/compact'],
  ['wss://a.test/v1/responses/?v=1', 'https://a.test/v1/responses/compact?v=1'],
])('compaction of %s', (url, expected) => {
  expect(compactUrlOf(url)).toBe(expected)
})

test.each(['nonsense', 'http://a.test/', 'ws+unix:///tmp/x'])('%s is a bad option', (url) => {
  expect(() => httpUrlOf(url)).toThrow(expect.objectContaining({ code: 'ERR_BAD_OPTION', path: 'url' }))
})
