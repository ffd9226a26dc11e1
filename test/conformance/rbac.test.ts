import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { predict } from './rbac-oracle.ts';
import { readRbacLines } from './rbac-recording.ts';
import { replayRbac } from './rbac-replay.ts';
import { tokensOf } from './rbac-tokens.ts';

const recorded = readRbacLines();

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test.each([...new Set(recorded.map(({ caller }) => caller.name))])(
  'answers %s as authentik did',
  async (name) => {
    const lines = recorded.filter(({ caller }) => caller.name === name);
    const differences = await replayRbac(server, lines, tokensOf(server));

    process.stdout.write(
      `rbac.jsonl, ${name}: ${lines.length - differences.size} of ${lines.length} answered as recorded\n`,
    );
    expect(lines.length).toBeGreaterThan(0);
    expect(Object.fromEntries(differences)).toEqual({});
  },
  60_000,
);

test('the rules by which other callers are judged predict every recorded answer', () => {
  const wrong = recorded.flatMap(({ id, caller, expect: answer, ...request }) => {
    const { status, json, names, count, data, disposition, actions } = predict(caller, request);
    const foreseen = { status, json, names, count, data, disposition, actions };
    const isError = answer.status === 403 || answer.status === 404 || answer.status === 405;
    const seen = {
      status: answer.status,
      json: isError ? answer.json : undefined,
      names: answer.names,
      count: answer.count,
      data: answer.data,
      disposition: answer.disposition,
      actions: answer.actions,
    };
    return isDeepStrictEqual(foreseen, seen) ? [] : [{ id, foreseen, seen }];
  });

  expect(recorded).toHaveLength(994);
  expect(wrong).toEqual([]);
});
