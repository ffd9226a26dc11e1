import { readFileSync } from 'node:fs';
import { DatabaseError } from 'pg';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Prisma } from '../../src/database/generated/client.ts';
import { createLogger } from '../../src/logger.ts';
import { opensslPair } from '../support/openssl.ts';

/** The one line that a call logs. */
function lineOf(log: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  log(createLogger('trace', { write: (line: string) => lines.push(line) }));
  expect(lines).toHaveLength(1);
  return lines[0] as string;
}

const SECRET = 'hunter2-is-no-password';
const TOKEN = `certkeep_${'Ab0_-'.repeat(9).slice(0, 43)}`;

describe('the log does not show', () => {
  test.each([
    'key_data',
    'certificate_data',
    'keyData',
    'data',
    'Authorization',
    'cookie',
    'set-cookie',
    'password',
    'passphrase',
    'token',
    'key',
    'kek',
    'databaseUrl',
  ])('%s, however deep it stands', (name) => {
    const line = lineOf((logger) =>
      logger.info({ [name]: SECRET, a: { [name]: [SECRET], b: [{ [name]: { c: SECRET } }] }, shown: 'this' }, 'x'),
    );
    expect(line).not.toContain(SECRET);
    expect(JSON.parse(line)).toMatchObject({
      [name]: '[redacted]',
      a: { b: [{ [name]: '[redacted]' }] },
      shown: 'this',
    });
  });

  test('a secret field of a child', () => {
    expect(lineOf((logger) => logger.child({ token: SECRET, reqId: '7' }).info('x'))).not.toContain(SECRET);
  });

  test('bytes', () => {
    expect(JSON.parse(lineOf((logger) => logger.info({ sealed: Buffer.from(SECRET) }, 'x')))).toMatchObject({
      sealed: `[${SECRET.length} bytes]`,
    });
  });

  test('what an object of some class holds', () => {
    class Request {
      readonly body = SECRET;
      readonly headers = { authorization: SECRET };
    }
    expect(lineOf((logger) => logger.info({ req: new Request(), map: new Map([['a', SECRET]]) }, 'x'))).not.toContain(
      SECRET,
    );
  });

  const { privateKey } = opensslPair();
  const keyLines = privateKey.split('\n').filter((each) => each !== '' && !each.startsWith('-----'));
  test.each([
    ['a message', (pem: string) => lineOf((logger) => logger.info(`read ${pem}`))],
    ['a field', (pem: string) => lineOf((logger) => logger.info({ text: pem }, 'x'))],
    ['an error', (pem: string) => lineOf((logger) => logger.error({ err: new Error(`can't read ${pem}`) }, 'x'))],
    ['a child', (pem: string) => lineOf((logger) => logger.child({ text: pem }).info('x'))],
    ['a cause', (pem: string) => lineOf((logger) => logger.error(new Error('x', { cause: new Error(pem) })))],
  ])('a private key or a token in %s', (_where, log) => {
    for (const text of [
      privateKey,
      privateKey.slice(0, -40),
      privateKey.replaceAll('\n', '\r\n'),
      TOKEN,
      `"${TOKEN}"`,
    ]) {
      const line = log(text);
      expect(() => JSON.parse(line)).not.toThrow();
      expect(line).toContain('[redacted]');
      expect(line).not.toContain(TOKEN.slice(0, 20));
      for (const part of keyLines) {
        expect(line).not.toContain(part.slice(0, 20));
      }
    }
  });

  test('the password of a database', () => {
    const line = lineOf((logger) => logger.error(new Error(`no host in postgresql://me:${SECRET}@db/keep`)));
    expect(line).not.toContain(SECRET);
    expect(line).toContain('postgresql://me:[redacted]@db/keep');
    const withAt = lineOf((logger) => logger.error(new Error(`no host in postgresql://me:p@${SECRET}@db/keep`)));
    expect(withAt).not.toContain(SECRET);
  });
});

describe('of an error the log shows', () => {
  test('what it is, where it came from, its code, and its causes', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', address: '::1', port: 5432 });
    const { err } = JSON.parse(lineOf((logger) => logger.error({ err: new TypeError('no', { cause }) }, 'x'))) as {
      err: Record<string, unknown>;
    };
    expect(err).toMatchObject({
      type: 'TypeError',
      message: 'no',
      stack: expect.stringMatching(/^TypeError: no\n\s+at .*logger\.test/),
      cause: { message: 'refused', code: 'ECONNREFUSED', address: '::1', port: 5432 },
    });
  });

  test('each of many', () => {
    const line = lineOf((logger) => logger.error(new AggregateError([new Error('one'), new Error('two')])));
    expect(JSON.parse(line)).toMatchObject({ err: { errors: [{ message: 'one' }, { message: 'two' }] } });
  });

  test('of PostgreSQL the codes and names, and neither rows nor parameters', () => {
    const error = Object.assign(new DatabaseError('duplicate key value violates unique constraint "k"', 1, 'error'), {
      severity: 'ERROR',
      code: '23505',
      detail: `Key (hash)=(${SECRET}) already exists.`,
      where: `unnamed portal with parameters: $1 = '${SECRET}'`,
      internalQuery: SECRET,
      table: 'keypairs',
      constraint: 'k',
    });
    const line = lineOf((logger) => logger.error({ err: error }, 'x'));
    expect(line).not.toContain(SECRET);
    expect(JSON.parse(line)).toMatchObject({
      err: { message: expect.stringContaining('"k"'), code: '23505', table: 'keypairs', constraint: 'k' },
    });
  });

  test('of a value that PostgreSQL can not read, not the value', () => {
    const message = `invalid input syntax for type uuid: "${SECRET}"`;
    const error = Object.assign(new DatabaseError(message, 1, 'error'), { severity: 'ERROR', code: '22P02' });
    expect(lineOf((logger) => logger.error(new Error('failed', { cause: error })))).not.toContain(SECRET);
  });

  test('of Prisma the code and its driver’s error, and not the call that it quotes', () => {
    const driverAdapterError = new Error('driver', { cause: { kind: 'UniqueConstraintViolation', detail: SECRET } });
    const known = new Prisma.PrismaClientKnownRequestError(`Invalid invocation: { data: { keyData: "${SECRET}" } }`, {
      code: 'P2002',
      clientVersion: '7',
      meta: { modelName: 'Keypair', values: [SECRET], driverAdapterError },
    });
    const invalid = new Prisma.PrismaClientValidationError(`Argument keyData: "${SECRET}"`, { clientVersion: '7' });
    const line = lineOf((logger) => logger.error({ err: new AggregateError([known, invalid]) }, 'x'));
    expect(line).not.toContain(SECRET);
    expect(JSON.parse(line)).toMatchObject({
      err: {
        errors: [
          { code: 'P2002', cause: { cause: { kind: 'UniqueConstraintViolation' } } },
          { type: expect.stringContaining('Prisma') },
        ],
      },
    });
  });

  test.each([
    ['alone', (logger: ReturnType<typeof createLogger>, error: Error) => logger.error(error)],
    ['as a field', (logger: ReturnType<typeof createLogger>, error: Error) => logger.error({ err: error })],
    [
      'with its own message',
      (logger: ReturnType<typeof createLogger>, error: Error) => logger.error({ err: error }, error.message),
    ],
  ])('no message that it withholds, where the line has no words but the error’s: %s', (_how, log) => {
    const error = new Prisma.PrismaClientValidationError(`Argument keyData: "${SECRET}"`, { clientVersion: '7' });
    const line = lineOf((logger) => log(logger, error));
    expect(line).not.toContain(SECRET);
    expect(JSON.parse(line)).toMatchObject({ msg: expect.stringContaining('withheld') });
  });

  test('of a text that is no JSON, not the text', () => {
    const parsing = () => JSON.parse(`{"key_data": ${SECRET}}`) as unknown;
    let thrown: unknown;
    try {
      parsing();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SyntaxError);
    expect(lineOf((logger) => logger.error({ err: thrown }, 'x'))).not.toContain('hunter2');
  });

  test('no more than a few of causes that never end', () => {
    const error = new Error('ouroboros');
    error.cause = error;
    expect(lineOf((logger) => logger.error({ err: error }, 'x')).length).toBeLessThan(50_000);
  });
});

test('each field that openapi.yaml calls write-only is one that the log does not show', () => {
  const document = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')) as {
    components: { schemas: Record<string, { properties?: Record<string, { writeOnly?: boolean }> }> };
  };
  const names = Object.values(document.components.schemas).flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, { writeOnly }]) => (writeOnly === true ? [name] : [])),
  );
  expect(names).toContain('key_data');
  for (const name of names) {
    expect(lineOf((logger) => logger.info({ [name]: SECRET }, 'x'))).not.toContain(SECRET);
  }
});
