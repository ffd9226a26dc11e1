import { createRequire, syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';

// What a server does every ten seconds or every minute, it does several times a second: no test waits for a minute. And what it does at its
// end has the time it takes, where a server gives up after a second or three: that a lease is given back does not depend on the machine.
const OFTEN = { by: /\brepeated-work\.[jt]s/, delays: [10_000, 60_000], instead: 200 };
const LAST_TURN = { by: /\bsealer\.[jt]s/, delays: [3000], instead: 8000 };
const LAST_STEP = { by: /\brepeated-work\.[jt]s/, delays: [1000], instead: 8000 };

// Whoever else waits as long, as for the database, goes on to.
function delayOf(delay, changes) {
  const possible = changes.filter(({ delays }) => delays.includes(delay));
  const caller = possible.length === 0 ? '' : new Error().stack.split('\n')[3];
  return possible.find(({ by }) => by.test(caller))?.instead ?? delay;
}

const original = globalThis.setTimeout;
const changed = (callback, delay, ...rest) => original(callback, delayOf(delay, [OFTEN, LAST_TURN]), ...rest);
globalThis.setTimeout = Object.assign(changed, { [promisify.custom]: original[promisify.custom] });

const timers = createRequire(import.meta.url)('node:timers/promises');
const sleep = timers.setTimeout;
timers.setTimeout = (delay, ...rest) => sleep(delayOf(delay, [LAST_STEP]), ...rest);
syncBuiltinESMExports();
