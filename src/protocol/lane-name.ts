const LANE_NAME = /^[A-Za-z0-9_.-]{1,256}$/

/**
 * Whether a value can name a lane: 1 to 256 of the characters `A-Z a-z 0-9 _ . -`. The empty string does not
 * stand for the default lane: to use that, leave `stream_id` out.
 *
 * Source: Responses WebSocket guide.
 */
export function isLaneName(value: unknown): value is string {
  return typeof value === 'string' && LANE_NAME.test(value)
}
