import { promisify } from 'node:util';

// What a server does every ten seconds or every minute, it does several times a second: no test waits for a minute.
const SLOW = new Set([10_000, 60_000]);
const original = globalThis.setTimeout;
const hastened = (callback, delay, ...rest) => original(callback, SLOW.has(delay) ? 200 : delay, ...rest);
globalThis.setTimeout = Object.assign(hastened, { [promisify.custom]: original[promisify.custom] });
