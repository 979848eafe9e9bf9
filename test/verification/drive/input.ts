import type { ConnectionInput } from '../../../machines/index.ts'
import { openai } from '../../../src/protocol/providers.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { type ConnectionModelOptions, TEST_KEY } from '../../../src/testing/model/options.ts'

/** A chart's input that means the same as the model's options. */
export function connectionInputOf(options: ConnectionModelOptions): ConnectionInput {
  const { credential = 'fixed', jitter = 0, closesOnError = false, ...rest } = options
  const key = new Secret(TEST_KEY)
  const provider = { ...openai, closesOnError }
  return {
    ...rest,
    ...(closesOnError && { provider }),
    apiKey: credential === 'fixed' ? key : () => key,
    random: () => jitter,
  }
}
