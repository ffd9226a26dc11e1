import { describe, expect, test } from 'vitest';
import type { Answer } from '../support/contract/answer.ts';
import type { Schema } from '../support/contract/document.ts';
import { validators } from '../support/contract/validators.ts';
import { judge } from '../support/contract/verdict.ts';
import { PAIRS } from '../support/server.ts';

const PK = 'f4e6a0c1-5c1e-4d0c-9a52-0d9f3b1c7a11';
const PAIR = `${PAIRS}${PK}/`;

const sound = {
  pk: PK,
  name: 'sound',
  fingerprint_sha256: 'aa:bb',
  fingerprint_sha1: 'cc:dd',
  cert_expiry: '2031-02-03T04:05:06Z',
  cert_subject: 'CN=sound',
  private_key_available: true,
  key_type: 'ec',
  private_key_type: 'ec',
  certificate_download_url: `${PAIR}view_certificate/?download`,
  private_key_download_url: `${PAIR}view_private_key/?download`,
  managed: null,
};

function answer(json: unknown, others: Partial<Answer> = {}): Answer {
  const body = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  return { method: 'GET', url: PAIR, status: 200, contentType: 'application/json', body, ...others };
}

/** The descriptions that an answer breaks. */
function broken(given: Answer): string[] {
  const names = judge(given).breaches.map((breach) => breach.split(':', 1)[0] ?? '');
  return [...new Set(names)];
}

const OURS = 'openapi.yaml';
const AUTHENTIKS = "authentik's schema";

describe('an answer that both descriptions describe is no breach', () => {
  test.each<[string, Answer]>([
    ['a pair', answer(sound)],
    ['a pair of a key type without a name', answer({ ...sound, key_type: null, private_key_type: null })],
    ['a pair without details', answer({ ...sound, cert_expiry: null, fingerprint_sha1: null, cert_subject: null })],
    ['an instant with a fraction and an offset', answer({ ...sound, cert_expiry: '2028-02-29T04:05:06.789+05:30' })],
    ['nothing, after a deletion', answer('', { method: 'DELETE', status: 204, contentType: undefined })],
    ['a head', answer('', { method: 'HEAD' })],
    ['a media type with a parameter', answer(sound, { contentType: 'Application/JSON; charset=utf-8' })],
    ['errors of the fields', answer({ name: ['Too short.'] }, { method: 'PATCH', status: 400 })],
    ['a refusal', answer({ detail: 'No.' }, { status: 403 })],
    ['a method that the path lacks', answer({ detail: 'No.' }, { method: 'PURGE', status: 405 })],
    ['a path that is none', answer('<p>', { url: '/api/v3/nothing/', status: 404, contentType: 'text/html' })],
    ['an id that the router refuses', answer('<p>', { url: `${PAIRS}a.b/`, status: 404, contentType: 'text/html' })],
    ['a path that can not be read', answer({ detail: 'Bad Request.' }, { url: '/api/v3/%zz/', status: 400 })],
    ['a probe', answer('', { url: '/-/health/ready/', status: 503, contentType: undefined })],
  ])('%s', (_what, given) => {
    expect(judge(given).breaches).toEqual([]);
  });
});

describe('an answer that is described otherwise is a breach', () => {
  const { managed: _managed, ...withoutManaged } = sound;
  const { private_key_type: _type, ...withoutOurs } = sound;

  test.each<[string, Answer, string[]]>([
    ['a wrong type', answer({ ...sound, name: 5 }), [OURS, AUTHENTIKS]],
    ['null where none may be', answer({ ...sound, name: null }), [OURS, AUTHENTIKS]],
    ['a missing property', answer(withoutManaged), [OURS, AUTHENTIKS]],
    ['a missing property of ours', answer(withoutOurs), [OURS]],
    ['an extra property', answer({ ...sound, key_data: 'secret' }), [OURS]],
    ['a value beside the enum', answer({ ...sound, key_type: 'mldsa44' }), [OURS, AUTHENTIKS]],
    ['an id that is no UUID', answer({ ...sound, pk: PK.replaceAll('-', '') }), [OURS, AUTHENTIKS]],
    ['an undocumented status', answer(sound, { status: 202 }), [OURS, AUTHENTIKS]],
    ['a status of another operation', answer(sound, { status: 201 }), [OURS, AUTHENTIKS]],
    ['a wrong media type', answer(sound, { contentType: 'text/plain' }), [OURS, AUTHENTIKS]],
    ['no media type', answer(sound, { contentType: undefined }), [OURS, AUTHENTIKS]],
    ['a head of a wrong media type', answer('', { method: 'HEAD', contentType: 'text/html' }), [OURS, AUTHENTIKS]],
    ['what is no JSON', answer('{'), [OURS, AUTHENTIKS]],
    ['a body after a deletion', answer({}, { method: 'DELETE', status: 204 }), [OURS, AUTHENTIKS]],
    ['a page instead of an error', answer('<p>', { status: 404, contentType: 'text/html' }), [OURS]],
    ['an unknown path that answers', answer(sound, { url: '/api/v3/nothing/' }), [OURS]],
    ['a page inside the API', answer('<p>', { url: '/api/v3/%zz/', status: 400, contentType: 'text/html' }), [OURS]],
    ['a method that the path lacks, and answers', answer(sound, { method: 'PURGE' }), [OURS]],
    ['a probe with a body', answer('{}', { url: '/-/health/live/' }), [OURS]],
  ])('%s', (_what, given, descriptions) => {
    expect(broken(given)).toEqual(descriptions);
  });

  test.each([
    '2031-02-03',
    '2031-02-03 04:05:06Z',
    '2031-02-03T04:05:06',
    '2031-02-30T04:05:06Z',
    '2031-02-03T24:00:00Z',
    '2031-02-03T04:05:06+0100',
    'in ten years',
  ])('a malformed date-time: %s', (cert_expiry) => {
    expect(broken(answer({ ...sound, cert_expiry }))).toEqual([OURS, AUTHENTIKS]);
  });
});

describe('a schema is read as OpenAPI 3.0 means it', () => {
  function breaches(hasOpenObjects: boolean, schema: Schema, value: unknown): string[] {
    const components = { schemas: { Letter: { type: 'string', enum: ['a', 'b'] } } };
    return validators({ paths: {}, components }, { hasOpenObjects })(schema, value);
  }
  const letter = { allOf: [{ $ref: '#/components/schemas/Letter' }], nullable: true };

  test.each<[string, boolean, Schema, unknown, boolean]>([
    ['null beside a type', true, { type: 'string', nullable: true }, null, true],
    ['null beside allOf', true, letter, null, true],
    ['a value beside null', true, letter, 'b', true],
    ['another value than null', true, letter, 'c', false],
    ['a double', true, { type: 'number', format: 'double' }, 0.5, true],
    ['an open object', true, { type: 'object', properties: {} }, { other: 1 }, true],
    ['a closed object', false, { type: 'object', properties: {} }, { other: 1 }, false],
    ['a map of another type', false, { type: 'object', additionalProperties: { type: 'string' } }, { a: 1 }, false],
    ['an object that says it is open', false, { type: 'object', additionalProperties: {} }, { other: 1 }, true],
    [
      'an object in a closed one',
      false,
      { properties: { a: { type: 'object', properties: {} } }, type: 'object' },
      { a: { b: 1 } },
      false,
    ],
  ])('%s', (_what, hasOpenObjects, schema, value, holds) => {
    expect(breaches(hasOpenObjects, schema, value).length === 0).toBe(holds);
  });

  test('a schema that requires what it does not list is a mistake of the description', () => {
    expect(() => breaches(true, { type: 'object', properties: {}, required: ['a'] }, {})).toThrow('strictRequired');
  });
});

describe('where the original breaks its own schema, we may too, and nowhere else', () => {
  const nul = answer(['Null characters are not allowed.'], { url: `${PAIRS}?search=a%00`, status: 400 });
  const pem = { url: `${PAIR}view_certificate/?download`, contentType: 'application/x-pem-file' };
  const generate = { method: 'POST', url: `${PAIRS}generate/`, status: 400 };

  test.each<[string, Answer]>([
    ['a search with a null character', nul],
    ['a download', answer('-----BEGIN', pem)],
    ['a refused generation', answer({ common_name: ['No.'] }, generate)],
  ])('%s', (_what, given) => {
    expect(judge(given)).toMatchObject({ standing: 'exception', breaches: [] });
  });

  test.each<[string, Answer]>([
    ['a bare array after another search', { ...nul, url: `${PAIRS}?search=a` }],
    ['a bare array of another text', answer(['No.'], { url: nul.url, status: 400 })],
    ['a download that nobody asked for', answer('-----BEGIN', { ...pem, url: `${PAIR}view_certificate/` })],
  ])('not %s', (_what, given) => {
    expect(broken(given)).toContain(AUTHENTIKS);
  });

  test('a status that its schema leaves out is counted, not refused', () => {
    const given = answer({ detail: 'Not found.' }, { status: 404 });

    expect(judge(given)).toMatchObject({ standing: 'undescribed', breaches: [] });
  });
});
