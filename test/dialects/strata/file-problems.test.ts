import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { TokenInvalid } from '../../../src/access/index.ts';
import { taskRunner, wordingProblemsOf } from '../../../src/dialects/strata/file-problems.ts';
import type { Services } from '../../../src/dialects/strata/route.ts';
import { Abandoned } from '../../../src/keypairs/index.ts';
import { BeyondLimits, NotAPkcs12, WorkerUnavailable, WrongPassphrase } from '../../../src/x509/index.ts';

const input = { file: Buffer.alloc(0), passphrase: '' };

/** A runner whose task ends as it is said, for a caller whose token was revoked meanwhile, or who has none. */
function runner(run: () => Promise<unknown>, { revoked = false, departure = new AbortController().signal } = {}) {
  const tokens = {
    authenticate: async () => {
      throw new TokenInvalid();
    },
  };
  const request = {
    method: 'POST',
    headers: revoked ? { authorization: 'Bearer once' } : {},
    routeOptions: { config: {} },
  } as unknown as FastifyRequest;
  return taskRunner(request, departure, { work: { run }, tokens } as unknown as Services);
}

test('what a file held is not given to a caller whose token was revoked while it waited', async () => {
  await expect(runner(async () => 'content')('readPkcs12', input)).resolves.toBe('content');
  await expect(runner(async () => 'content', { revoked: true })('readPkcs12', input)).rejects.toThrow(TokenInvalid);
  const failing = runner(() => Promise.reject(new WrongPassphrase('the MAC is another')), { revoked: true });
  await expect(failing('readPkcs12', input)).rejects.toThrow(TokenInvalid);
});

test('whoever left is told nothing of why the work ended', async () => {
  const departure = AbortSignal.abort();
  const left = runner(() => Promise.reject(departure.reason), { departure });
  await expect(left('readPkcs12', input)).rejects.toThrow(Abandoned);
});

test.each([
  ['a wrong passphrase', new WrongPassphrase('it'), 400, 'passphrase: does not fit'],
  ['too long a passphrase', new BeyondLimits('PASSPHRASE_CHARACTERS'), 400, 'passphrase: must have no more than 1024'],
  ['too much work', new BeyondLimits('WORK_MS'), 400, 'certificate_file: must have no more than 10000 milliseconds'],
  ['a malformed file', new NotAPkcs12('it'), 400, 'certificate_file: is none'],
  ['a thread that died', new WorkerUnavailable('THREAD_ENDED'), 503, 'the file could not be worked on'],
])('%s is worded', async (_what, error, status, words) => {
  const failed = wordingProblemsOf('certificate_file', 'is none', () => Promise.reject(error));
  await expect(failed).rejects.toMatchObject({ status, details: [expect.stringContaining(words)] });
});

test('what is no fault of a file stays what it is', async () => {
  const mistake = new TypeError('a mistake');
  await expect(wordingProblemsOf('certificate_file', 'is none', () => Promise.reject(mistake))).rejects.toBe(mistake);
});
