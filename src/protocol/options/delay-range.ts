/** The longest delay that timers can hold: 2^31 - 1 ms, about 24.8 days. A longer one would fire at once. */
export const MAX_DELAY_MS = 2_147_483_647
