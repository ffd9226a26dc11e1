const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** After each failed attempt, as Standard Webhooks recommends: three days in all. */
const DELAYS_MS = [
  ...[5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR_MS),
] as const;

/** How often a message is sent at the most. */
export const MAX_ATTEMPTS = DELAYS_MS.length + 1;

const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;
/** So that what failed together does not come back together. */
const JITTER = 0.2;

/**
 * How long to wait before a message is sent again.
 *
 * @param attempts how often it was sent, at least once
 * @param retryAfterMs what the receiver asked for; it makes the wait longer, up to a day, and never shorter
 * @param random from 0 to 1
 * @returns milliseconds; undefined where it was sent often enough
 */
export function retryDelay(attempts: number, retryAfterMs = 0, random = Math.random()): number | undefined {
  const delay = DELAYS_MS[attempts - 1];
  if (delay === undefined) {
    return undefined;
  }
  return Math.round(Math.max(delay, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)) * (1 + JITTER * random));
}
