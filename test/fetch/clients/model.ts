import type { Model, Turn } from '../../../src/testing/index.ts'

const reasoning = { type: 'reasoning', summary: 'hm' } as const

const call = (city: string) => ({ type: 'call', name: 'weather', arguments: { city } }) as const

/** Calls two tools at once where the weather is asked for, and answers in the format that is asked for. */
export const model: Model = ({ context, body }): Turn => {
  const last = context.at(-1) ?? {}
  const text = JSON.stringify(last)
  const format = (body['text'] as { format?: { type?: string } } | undefined)?.format?.type
  if (format === 'json_schema') return { text: '{"city":"Paris"}' }
  if (last['role'] === 'user' && text.includes('hand over')) {
    return { output: [reasoning, { type: 'call', name: 'transfer_to_helper', arguments: {} }] }
  }
  if (last['role'] === 'user' && text.includes('weather')) {
    return { output: [reasoning, call('Paris'), call('Rome')] }
  }
  if ('output' in last) return { output: [reasoning, { type: 'text', text: ['all ', 'sunny'] }] }
  const said = text.match(/say ([a-z0-9]+)/)?.[1] ?? (text.includes('data:image') ? 'an image' : 'hello')
  return { output: [reasoning, { type: 'text', text: [said.slice(0, 2), said.slice(2)] }] }
}
