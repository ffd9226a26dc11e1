import { expect, test } from 'vitest';
import { MAX_ATTEMPTS, retryDelay } from '../../../src/operations/webhooks/retry-schedule.ts';

const HOUR = 3_600_000;

test('attempts follow the schedule that Standard Webhooks recommends, and end after the tenth', () => {
  const delays = Array.from({ length: MAX_ATTEMPTS }, (_, index) => retryDelay(index + 1, 0, 0));
  expect(delays).toEqual([
    ...[5000, 300_000, 1_800_000],
    ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
    undefined,
  ]);
});

test('what failed together comes back apart: up to a fifth later, never earlier', () => {
  expect(retryDelay(1, 0, 0.5)).toBe(5500);
  expect(retryDelay(1, 0, 1)).toBe(6000);
});

test('a receiver may ask for a longer wait, up to a day, and for no shorter one', () => {
  expect(retryDelay(1, HOUR, 0)).toBe(HOUR);
  expect(retryDelay(1, 400 * HOUR, 0)).toBe(24 * HOUR);
  expect(retryDelay(4, 1000, 0)).toBe(2 * HOUR);
  expect(retryDelay(MAX_ATTEMPTS, HOUR)).toBeUndefined();
});
