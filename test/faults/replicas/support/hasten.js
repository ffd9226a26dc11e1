import { promisify } from 'node:util';

// What a server does every ten seconds or every minute, it does several times a second: no test waits for a minute. Other times of that
// length bound something, a connection or a transaction, and stay as they are.
const SLOW = new Set([10_000, 60_000]);
const REPEATS = /\/database\/repeated-work\.[jt]s/;
const original = globalThis.setTimeout;
const isRepeated = () => REPEATS.test(new Error('where from').stack.split('\n')[3]);
const hastened = (callback, delay, ...rest) =>
  original(callback, SLOW.has(delay) && isRepeated() ? 200 : delay, ...rest);
globalThis.setTimeout = Object.assign(hastened, { [promisify.custom]: original[promisify.custom] });
