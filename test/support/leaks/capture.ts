import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject } from 'vitest';

/** Characters that are kept until they are written together. */
const BATCH = 0x10000;

let waiting: string[] = [];
let length = 0;
let path: string | undefined;

/** Keeps a line of a server's log for the scan at the end of the run, under the name of the test file that started the server. */
export function captureLog(line: string): void {
  const current = pathOfLog();
  if (path !== current) {
    // The worker has gone on to another test file.
    flush();
    path = current;
  }
  waiting.push(line.endsWith('\n') ? line : `${line}\n`);
  length += line.length;
  if (length > BATCH) {
    flush();
  }
}

/** Writes what is kept back. */
export function flush(): void {
  if (path !== undefined && waiting.length > 0) {
    appendFileSync(path, waiting.join(''));
    waiting = [];
    length = 0;
  }
}

/** What the servers of this test file logged until now, at every level. */
export function capturedLines(): string[] {
  flush();
  return path === pathOfLog() ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}

function pathOfLog(): string {
  return join(inject('logDirectory'), `${nameOfTestFile()}.${process.pid}.log`);
}

function nameOfTestFile(): string {
  const { testPath = 'unknown' } = expect.getState();
  return testPath.replace(/^.*\/test\//, '').replaceAll('/', '~');
}
