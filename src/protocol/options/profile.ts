import * as v from 'valibot'
import { isFieldValue } from '../http-syntax.ts'
import type { ProviderProfile } from '../providers.ts'
import * as rule from './rules.ts'

/** Every fact of a profile has to be said: one that is left out would be taken for one that is not so. */
export const profileSchema: v.GenericSchema<ProviderProfile> = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
  url: v.nullable(
    v.pipe(
      v.string(),
      v.check((url) => rule.isUrl(url, ['ws:', 'wss:']), 'must be a URL of ws: or wss: without a fragment'),
    ),
  ),
  lanes: v.nullable(v.strictObject({ inFlight: rule.count(1), names: rule.count() })),
  steering: v.union([v.boolean(), v.array(v.string())], 'must be true, false, or the names of models'),
  warmUp: v.boolean(),
  maxAgeMs: v.nullable(rule.milliseconds),
  idleTimeoutMs: v.nullable(rule.milliseconds),
  maxFrameBytes: v.nullable(rule.bytes),
  oneModelPerConnection: v.boolean(),
  closesOnError: v.boolean(),
  failedEndsChain: v.boolean(),
  subprotocols: v.array(rule.subprotocol),
  betaHeader: v.nullable(
    v.pipe(v.string(), v.check(isFieldValue, 'holds a line break or a control character')),
  ),
})
