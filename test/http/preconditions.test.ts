import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgePreconditions, type PreconditionVerdict, type Validators } from '../../src/http/preconditions.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const OURS = '"ours"';
const CHANGED = new Date('2026-05-04T09:00:00.900Z');
const BEFORE = 'Mon, 04 May 2026 08:59:59 GMT';
const SAME = 'Mon, 04 May 2026 09:00:00 GMT';
const AFTER = 'Mon, 04 May 2026 09:00:01 GMT';

const current: Validators = { entityTag: OURS, lastModified: CHANGED };
const judge = (method: string, headers: Record<string, string>, validators = current) =>
  judgePreconditions({ method, headers }, validators, NOW);

type Condition = Record<string, string>;
type Case = readonly [headers: Condition, ofRead: PreconditionVerdict, ofWrite: PreconditionVerdict];

/** Each header by itself (RFC 9110 §13.1). */
const ALONE: readonly Case[] = [
  [{}, 'met', 'met'],
  [{ 'if-match': OURS }, 'met', 'met'],
  [{ 'if-match': `"x", ${OURS}` }, 'met', 'met'],
  [{ 'if-match': '*' }, 'met', 'met'],
  [{ 'if-match': `W/${OURS}` }, 'failed', 'failed'],
  [{ 'if-match': '"x"' }, 'failed', 'failed'],
  [{ 'if-match': '' }, 'failed', 'failed'],
  [{ 'if-match': 'ours' }, 'failed', 'failed'],
  [{ 'if-none-match': OURS }, 'not-modified', 'failed'],
  [{ 'if-none-match': `W/${OURS}` }, 'not-modified', 'failed'],
  [{ 'if-none-match': '*' }, 'not-modified', 'failed'],
  [{ 'if-none-match': '"x"' }, 'met', 'met'],
  [{ 'if-none-match': 'ours' }, 'met', 'failed'],
  [{ 'if-unmodified-since': BEFORE }, 'failed', 'failed'],
  [{ 'if-unmodified-since': SAME }, 'met', 'met'],
  [{ 'if-unmodified-since': AFTER }, 'met', 'met'],
  [{ 'if-unmodified-since': 'yesterday' }, 'met', 'met'],
  [{ 'if-modified-since': BEFORE }, 'met', 'met'],
  [{ 'if-modified-since': SAME }, 'not-modified', 'met'],
  [{ 'if-modified-since': AFTER }, 'not-modified', 'met'],
  [{ 'if-modified-since': 'yesterday' }, 'met', 'met'],
];

describe('one header', () => {
  test.each(ALONE)('%j', (headers, ofRead, ofWrite) => {
    expect([judge('GET', headers), judge('HEAD', headers)]).toEqual([ofRead, ofRead]);
    expect([judge('PUT', headers), judge('DELETE', headers)]).toEqual([ofWrite, ofWrite]);
  });
});

test('dates are passed over where nobody knows when it was changed', () => {
  const unknown = { entityTag: OURS, lastModified: undefined };
  for (const name of ['if-modified-since', 'if-unmodified-since']) {
    expect([judge('GET', { [name]: BEFORE }, unknown), judge('GET', { [name]: AFTER }, unknown)]).toEqual([
      'met',
      'met',
    ]);
  }
});

const only = (name: string) =>
  fc.constantFrom(...ALONE.filter(([headers]) => name in headers || headers === ALONE[0]?.[0]));
const method = fc.constantFrom('GET', 'PUT');
const verdictOf = ([, ofRead, ofWrite]: Case, asked: string) => (asked === 'GET' ? ofRead : ofWrite);

describe('several headers (RFC 9110 §13.2.2)', () => {
  test('tags decide, whatever dates are beside them', () => {
    fc.assert(
      fc.property(
        only('if-match'),
        only('if-none-match'),
        only('if-unmodified-since'),
        only('if-modified-since'),
        method,
        (match, noneMatch, unmodified, modified, asked) => {
          const headers = { ...match[0], ...noneMatch[0], ...unmodified[0], ...modified[0] };
          const first = verdictOf('if-match' in match[0] ? match : unmodified, asked);
          const second = verdictOf('if-none-match' in noneMatch[0] ? noneMatch : modified, asked);
          expect(judge(asked, headers)).toBe(first === 'met' ? second : first);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test('no write is ever told that nothing was modified', () => {
  const values = fc.oneof(fc.constantFrom('*', OURS, `W/${OURS}`, '"x"', BEFORE, SAME, AFTER), fc.string());
  const names = fc.constantFrom('if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since');
  fc.assert(
    fc.property(fc.dictionary(names, values), (headers) => {
      expect(['met', 'failed']).toContain(judge('PUT', headers));
      expect(['met', 'failed', 'not-modified']).toContain(judge('GET', headers));
    }),
  );
});
