import { setTimeout as sleep } from 'node:timers/promises';
import { clearTheWay } from './earlier-server.ts';
import { type Postmaster, type ServerOptions, startPostmaster } from './postmaster.ts';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
/** One that ran as long as this has got over what ended the one before. */
const STABLE_AFTER = 10_000;

/**
 * Starts a server, and starts it again whenever it ends, until told to stop.
 *
 * @param signal ends the first start, and nothing after it
 * @returns stop: a fast shutdown; resolves once the server has ended, and may be called again
 * @throws what {@link startPostmaster} throws, of the first start
 */
export async function keepRunning(options: ServerOptions, signal: AbortSignal): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  let server = await startPostmaster(options, signal);
  const kept = keep();

  async function keep(): Promise<void> {
    let delay = 0;
    for (;;) {
      const begin = Date.now();
      const outcome = await server.ended;
      if (stopping.signal.aborted) {
        await endUnsupervised(options, outcome.exitCode);
        return;
      }
      options.log.error({ reason: outcome.reason }, 'PostgreSQL ended unexpectedly, and is started again');
      delay = Date.now() - begin > STABLE_AFTER ? 0 : longer(delay);
      const next = await startAgain(options, delay, stopping.signal);
      if (next === undefined) {
        return;
      }
      server = next;
      if (stopping.signal.aborted) {
        server.end();
      }
    }
  }

  return {
    async stop() {
      stopping.abort();
      server.end();
      await kept;
    },
  };
}

/** Tries until it succeeds. Undefined where it was told to stop before. */
async function startAgain(
  options: ServerOptions,
  firstDelay: number,
  stopping: AbortSignal,
): Promise<Postmaster | undefined> {
  for (let delay = firstDelay; !stopping.aborted; delay = longer(delay)) {
    try {
      await sleep(delay, undefined, { signal: stopping });
      const server = await startPostmaster(options, stopping);
      options.log.info({}, 'PostgreSQL runs again');
      return server;
    } catch (error) {
      if (!stopping.aborted) {
        options.log.error({ err: error }, 'PostgreSQL could not be started again; the next attempt follows');
      }
    }
  }
  return undefined;
}

/** Somebody killed the shell above the server, which therefore did not end with it. */
async function endUnsupervised(options: ServerOptions, shellExitCode: number | null): Promise<void> {
  if (shellExitCode === null) {
    await clearTheWay(options, options.log, new AbortController().signal);
  }
}

function longer(delay: number): number {
  return Math.min(Math.max(delay * 2, FIRST_DELAY), LONGEST_DELAY);
}
