import { readFileSync, statSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connectionString } from '../../src/database/embedded/connection.ts';
import { startPostmaster } from '../../src/database/embedded/postmaster.ts';
import {
  isRunning,
  postmasterPid,
  programOf,
  query,
  recordingLog,
  start,
  temporaryDirectory,
  until,
} from '../support/embedded-tools.ts';

/** A cluster without a server, and a program that stands in for PostgreSQL's, which the script can run. */
async function prepare(script: (postgres: string) => string) {
  const dataDirectory = await temporaryDirectory();
  const { clusterDirectory: cluster, stop } = await start(dataDirectory);
  await stop();
  const program = join(dataDirectory, 'program');
  await writeFile(program, `#!/bin/sh\n${script(programOf(cluster))}\n`);
  await chmod(program, 0o755);
  const { uid, gid } = statSync(cluster);
  const account = process.getuid?.() === 0 ? { name: 'nobody', uid, gid } : undefined;
  const socketDirectory = join(dataDirectory, 'socket');
  return { ...recordingLog(), options: { program, cluster, socketDirectory, account } };
}

it('a start is repeated while processes of a killed server still end', async () => {
  const { log, options } = await prepare(
    (postgres) => `
    tries=$(cat "$2/tries" 2>/dev/null || echo 0); echo $((tries + 1)) > "$2/tries"
    [ "$tries" -ge 2 ] && exec '${postgres}' "$@"
    echo '[1] not initialized: FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use' >&2; exit 1`,
  );
  const server = await startPostmaster({ ...options, log }, new AbortController().signal);
  expect(await query(connectionString(options.socketDirectory), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  server.end();
  await server.ended;
});

it('a start that fails for good is not repeated, and tells what the server wrote', async () => {
  const { log, options, entries } = await prepare(
    () => `echo '[1] postmaster: FATAL:  the disk is on fire' >&2; exit 1`,
  );
  const starting = startPostmaster({ ...options, log }, new AbortController().signal);
  await expect(starting).rejects.toMatchObject({
    code: 'POSTGRES_FAILED_TO_START',
    serverLog: [expect.stringContaining('the disk is on fire')],
  });
  expect(entries).toEqual([{ level: 'error', message: 'PostgreSQL: the disk is on fire' }]);
});

it('a start that is aborted ends the program at once', async () => {
  const { log, options } = await prepare(() => 'echo "$$" > "$2/started"; exec sleep 600');
  const abort = new AbortController();
  const starting = startPostmaster({ ...options, log }, abort.signal);
  const outcome = expect(starting).rejects.toThrow('no longer wanted');
  const pid = await until('it has begun', () => Number(readFileSync(join(options.cluster, 'started'), 'utf8')));
  abort.abort(new Error('no longer wanted'));
  await outcome;
  expect(await isRunning(pid)).toBe(false);
});

it('what is on the command line is a server of ours, on its own directory', async () => {
  const { log, options } = await prepare((postgres) => `exec '${postgres}' "$@"`);
  const server = await startPostmaster({ ...options, log }, new AbortController().signal);
  const rows = await query(
    connectionString(options.socketDirectory),
    `SELECT current_setting('certkeep.supervised') AS supervised, current_setting('data_directory') AS directory`,
  );
  expect(rows).toEqual([{ supervised: 'on', directory: options.cluster }]);
  expect(postmasterPid(options.cluster)).toBeGreaterThan(1);
  server.end();
  await server.ended;
});
