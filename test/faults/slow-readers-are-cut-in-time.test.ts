import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { p99, readBeside } from './support/bystander.ts';
import { inMs, printFigures } from './support/figures.ts';
import { askForLongAnswers } from './support/long-answers.ts';
import { lifeOf, startWatched, type WatchedServer } from './support/watched-server.ts';

const REQUEST_TIMEOUT_MS = 1000;
/** What a busy machine adds: at this pace, all of it would take hours. */
const SLACK_MS = 8000;
const CLIENTS = 4;
/** Together more than the system takes for a client. */
const ANSWERS = 20;
const BYTES_AT_A_TIME = 16;
const INTERVAL_MS = 10;

/** Reads a few bytes, again and again: the connection is never silent for longer than a moment. */
async function drip(watched: WatchedServer, requests: string) {
  let reads = 0;
  const read = {
    buffer: Buffer.alloc(BYTES_AT_A_TIME),
    callback() {
      reads++;
      // No more of them before the next turn.
      return false;
    },
  };
  const use = (client: Socket) => {
    client.write(requests);
    const reading = setInterval(() => client.resume(), INTERVAL_MS);
    onTestFinished(() => clearInterval(reading));
  };
  const life = await lifeOf(watched, use, { onread: read });
  return { reads, life };
}

test('a client that reads a few bytes at a time is cut in time, and others read on beside it', async () => {
  const watched = await startWatched(REQUEST_TIMEOUT_MS);
  onTestFinished(() => watched.server.close());
  const requests = await askForLongAnswers(watched.server, ANSWERS);

  const { result, statuses, durations } = await readBeside(watched.server, '?page_size=1', () =>
    Promise.all(Array.from({ length: CLIENTS }, () => drip(watched, requests))),
  );

  const reads = result.map((client) => client.reads);
  const lives = result.map(({ life }) => life);
  printFigures(
    `a client that reads ${BYTES_AT_A_TIME} bytes at a time: ${lives.length} times, after ${Math.min(...reads)} to ${Math.max(...reads)} reads; ` +
      `the last one cut after ${inMs(Math.max(...lives))} (bound ${REQUEST_TIMEOUT_MS} ms from when an answer is ready); ${statuses.length} reads of others meanwhile, p99 ${inMs(p99(durations))}`,
  );
  expect(Math.min(...reads)).toBeGreaterThan(10);
  expect(Math.min(...lives)).toBeGreaterThan(REQUEST_TIMEOUT_MS / 2);
  expect(Math.max(...lives)).toBeLessThan(REQUEST_TIMEOUT_MS + SLACK_MS);
  expect(statuses.length).toBeGreaterThan(10);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  // A machine that stands still holds up a read or two of less than a hundred; a client that held others up would hold up each.
  expect(durations.filter((duration) => duration >= REQUEST_TIMEOUT_MS).length).toBeLessThan(3);
});
