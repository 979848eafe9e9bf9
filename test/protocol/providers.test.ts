import { describe, expect, it } from 'vitest'
import { azure, canSteer, openai, type ProviderProfile, vercel, xai } from '../../src/protocol/index.ts'

const all = [openai, azure, xai, vercel]

describe('the provider profiles', () => {
  it.each<[ProviderProfile, Partial<ProviderProfile>]>([
    [
      openai,
      {
        name: 'openai',
        url: 'wss://api.openai.com/v1/responses',
        lanes: { inFlight: 16, names: 32 },
        warmUp: true,
        maxAgeMs: 3_600_000,
        idleTimeoutMs: null,
        maxFrameBytes: 16_777_216,
        closesOnError: false,
        oneModelPerConnection: false,
      },
    ],
    [azure, { name: 'azure', url: null, lanes: null, steering: false, warmUp: true, maxAgeMs: 3_600_000 }],
    [
      xai,
      { name: 'xai', url: 'wss://api.x.ai/v1/responses', lanes: null, steering: false, maxAgeMs: 1_500_000 },
    ],
    [
      vercel,
      {
        name: 'vercel',
        url: 'wss://ai-gateway.vercel.sh/v1/responses',
        lanes: null,
        warmUp: false,
        maxAgeMs: 780_000,
        idleTimeoutMs: 300_000,
        maxFrameBytes: 4_194_304,
        oneModelPerConnection: true,
        closesOnError: true,
        failedEndsChain: true,
      },
    ],
  ])('$name says what its endpoint does', (profile, facts) => {
    expect(profile).toMatchObject(facts)
  })

  it.each(all)('$name is plain data that nobody can change', (profile) => {
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile)
    const parts = [profile, ...Object.values(profile)].filter((part) => typeof part === 'object')
    expect(parts.every((part) => Object.isFrozen(part))).toBe(true)
  })

  it.each(all)('$name asks for no sub-protocol and no beta header', (profile) => {
    expect(profile.subprotocols).toEqual([])
    expect(profile.betaHeader).toBeNull()
  })
})

describe('canSteer', () => {
  it.each([
    { profile: openai, model: 'gpt-6-astra', expected: true },
    { profile: openai, model: 'gpt-6-astra-2026-08-01', expected: true },
    { profile: openai, model: 'gpt-6-astra-mini', expected: false },
    { profile: openai, model: 'gpt-5.6', expected: false },
    { profile: azure, model: 'gpt-6-astra', expected: false },
    { profile: { ...azure, steering: true }, model: 'anything', expected: true },
    { profile: { ...azure, steering: ['m-2026-01-01'] }, model: 'm-2026-01-01', expected: true },
    { profile: { ...azure, steering: ['m-2026-01-01'] }, model: 'm', expected: false },
  ])('$profile.name with steering $profile.steering, $model: $expected', ({ profile, model, expected }) => {
    expect(canSteer(profile, model)).toBe(expected)
  })
})
