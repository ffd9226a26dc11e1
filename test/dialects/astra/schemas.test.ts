import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, makeAccount } from './support/accounts.ts';
import { changedBody, type Fields, newBody, problemIn, read, type Stored, stored } from './support/certificates.ts';

let server: TestServer;
let account: string;
let certificate: Stored;
beforeAll(async () => {
  server = await startServer();
  account = await makeAccount(server);
  certificate = await stored(server, account);
});
afterAll(() => server.close());

/** A field, what it may not be, and where the failure is said to be. */
type Broken = readonly [what: string, fields: Fields, path: string];

const HEX = '0123abcd-89ab-4def-89ab-0123456789ab';
const detail = (fields: Fields) => ({
  trustStateDetails: [{ type: 'https://x.test/1', title: 't', detail: 'd', ...fields }],
});
const metadata = (fields: Fields) => ({ metadata: fields });
const label = (fields: Fields) => metadata({ labels: [{ name: 'sent-name', value: 'sent-value', ...fields }] });

const TIMES: readonly [string, unknown][] = [
  ['no text', 5],
  ['no timestamp', 'sent-value'],
  ['no UTC', '2031-05-04T09:00:00+00:00'],
  ['a lower-case z', '2031-05-04T09:00:00z'],
  ['a blank for the T', '2031-05-04 09:00:00Z'],
  ['ten decimals', '2031-05-04T09:00:00.0123456789Z'],
  ['a point and no decimals', '2031-05-04T09:00:00.Z'],
  ['a 30th of February', '2028-02-30T09:00:00Z'],
  ['a 13th month', '2031-13-01T09:00:00Z'],
  ['a 24th hour', '2031-05-04T24:00:00Z'],
  ['a line break at its end', '2031-05-04T09:00:00Z\n'],
];
const IDENTIFIERS: readonly [string, unknown][] = [
  ['no text', 7],
  ['no UUID', 'sent-value'],
  ['upper case', HEX.toUpperCase()],
  ['version 1', HEX.replace('-4def', '-1def')],
  ['version 4 of another variant', HEX.replace('-4def-89', '-4def-c9')],
  ['no dashes', HEX.replaceAll('-', '')],
  ['all ones', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
];
const BASE64: readonly [string, unknown][] = [
  ['null', null],
  ['an object', {}],
  ['no padding', 'AAA'],
  ['too much padding', 'AA==='],
  ['a line break', 'AAAA\nAAAA'],
  ['a blank', ' AAAA'],
  ['the alphabet of URLs', 'AA-_'],
  ['PEM itself', '-----BEGIN CERTIFICATE-----'],
];

const of = (path: string, wrap: (value: unknown) => Fields, values: readonly [string, unknown][]): Broken[] =>
  values.map(([what, value]) => [`${path} is ${what}`, wrap(value), path]);

/** Of both bodies. */
const COMMON: readonly Broken[] = [
  ...of('type', (type) => ({ type }), [
    ['absent', undefined],
    ['null', null],
    ['that of the list', 'application/astra-certificates'],
    ['the media type', 'application/astra-certificate+json'],
  ]),
  ...of('version', (version) => ({ version }), [
    ['absent', undefined],
    ['a number', 1],
    ['unknown', '1.2'],
    ['1', '1'],
  ]),
  ...of('certUse', (certUse) => ({ certUse }), [
    ['null', null],
    ['another', 'leaf'],
    ['in other letters', 'rootca'],
  ]),
  ...of('cert', (cert) => ({ cert }), BASE64),
  ...of('isSelfSigned', (isSelfSigned) => ({ isSelfSigned }), [
    ['a boolean', true],
    ['empty', ''],
    ['in other letters', 'True'],
  ]),
  ...of('trustStateDesired', (trustStateDesired) => ({ trustStateDesired }), [
    ['expired', 'expired'],
    ['null', null],
  ]),
  ...of('metadata', metadata as (value: unknown) => Fields, [
    ['null', null],
    ['an array', []],
  ]),
  ['an unknown field', { 'sent-colour': 'sent-value' }, 'sent-colour'],
  ['a field of the prototype', { constructor: 'sent-value' }, 'constructor'],
  ['an unknown field of the metadata', metadata({ colour: 'sent-value' }), 'metadata.colour'],
  ['labels that are no array', metadata({ labels: {} }), 'metadata.labels'],
  ['a label that is no object', metadata({ labels: ['sent-value'] }), 'metadata.labels[0]'],
  ['a label without a name', label({ name: undefined }), 'metadata.labels[0].name'],
  ['a label without a value', label({ value: undefined }), 'metadata.labels[0].value'],
  ['a label whose value is a number', label({ value: 5 }), 'metadata.labels[0].value'],
  ['a label with more in it', label({ id: 'sent-value' }), 'metadata.labels[0].id'],
  [
    'two equal labels',
    metadata({ labels: ['a', 'b', 'a'].map((name) => ({ name, value: 'sent-value' })) }),
    'metadata.labels[2]',
  ],
  ...['creationTimestamp', 'modificationTimestamp'].flatMap((name) =>
    of(`metadata.${name}`, (value) => metadata({ [name]: value }), TIMES),
  ),
  ...['createdBy', 'modifiedBy'].flatMap((name) =>
    of(`metadata.${name}`, (value) => metadata({ [name]: value }), IDENTIFIERS),
  ),
];

const OF_PUT: readonly Broken[] = [
  ...of('id', (id) => ({ id }), IDENTIFIERS),
  ...of('cn', (cn) => ({ cn }), [
    ['empty', ''],
    ['too long', 'é'.repeat(512)],
    ['too long beyond the basic plane', '🔑'.repeat(512)],
    ['null', null],
  ]),
  ...of('expiryTimestamp', (expiryTimestamp) => ({ expiryTimestamp }), TIMES),
  ...of('trustState', (trustState) => ({ trustState }), [['another', 'pending']]),
  ['transitions that are no array', { trustStateTransitions: {} }, 'trustStateTransitions'],
  ['a transition without from', { trustStateTransitions: [{ to: [] }] }, 'trustStateTransitions[0].from'],
  ['a transition without to', { trustStateTransitions: [{ from: 'trusted' }] }, 'trustStateTransitions[0].to'],
  [
    'a transition to another state',
    { trustStateTransitions: [{ from: 'trusted', to: ['trusted', 'pending'] }] },
    'trustStateTransitions[0].to[1]',
  ],
  [
    'a transition with more in it',
    { trustStateTransitions: [{ from: 'trusted', to: [], by: 'sent-value' }] },
    'trustStateTransitions[0].by',
  ],
  [
    'two equal transitions',
    { trustStateTransitions: Array(2).fill({ from: 'trusted', to: ['expired'] }) },
    'trustStateTransitions[1]',
  ],
  ['details that are no array', { trustStateDetails: {} }, 'trustStateDetails'],
  ['a detail without a type', detail({ type: undefined }), 'trustStateDetails[0].type'],
  ['a detail whose type is no URI', detail({ type: 'sent value' }), 'trustStateDetails[0].type'],
  ['a detail without a title', detail({ title: undefined }), 'trustStateDetails[0].title'],
  ['a detail with an empty title', detail({ title: '' }), 'trustStateDetails[0].title'],
  ['a detail with 41 characters of title', detail({ title: 'x'.repeat(41) }), 'trustStateDetails[0].title'],
  ['a detail without a detail', detail({ detail: undefined }), 'trustStateDetails[0].detail'],
  ['a detail with 512 characters', detail({ detail: 'x'.repeat(512) }), 'trustStateDetails[0].detail'],
  ['additional details in a text', detail({ additionalDetails: 'x' }), 'trustStateDetails[0].additionalDetails'],
  ['a detail with more in it', detail({ more: 'sent-value' }), 'trustStateDetails[0].more'],
];

/** What only an answer has (contract §2). */
const NOT_IN_POST: readonly Broken[] = [
  ['id', HEX],
  ['cn', 'sent-value'],
  ['expiryTimestamp', '2031-05-04T09:00:00Z'],
  ['trustState', 'trusted'],
  ['trustStateTransitions', []],
  ['trustStateDetails', []],
].map(([name, value]) => [`${name}, which only an answer has`, { [String(name)]: value }, String(name)]);

async function expectFailure(method: 'POST' | 'PUT', fields: Fields, path: string): Promise<void> {
  const [target, body] =
    method === 'POST' ? [certificatesOf(account), newBody(fields)] : [certificate.path, changedBody(fields)];
  const answer = await ask(server, { method, path: target, body });

  const failure = problemIn(answer, 8)['schemaValidationFailure'];
  expect(failure).toEqual(expect.stringMatching(/^[^:]+: .+/s));
  expect(String(failure).split(': ')[0]).toBe(path);
  expect(failure).not.toContain('sent-value');
}

describe('problem 8 names the field that breaks a rule, and no value: POST', () => {
  test.each([...COMMON, ...NOT_IN_POST, ...of('cert', (cert) => ({ cert }), [['absent', undefined]])])(
    '%s',
    (_what, fields, path) => expectFailure('POST', fields, path),
  );
});

describe('problem 8 names the field that breaks a rule, and no value: PUT', () => {
  test.each([...COMMON, ...OF_PUT])('%s', (_what, fields, path) => expectFailure('PUT', fields, path));
});

describe('what is just within the rules is taken', () => {
  test.each<[string, Fields]>([
    ['a key beyond the basic plane', { cn: '🔑'.repeat(511) }],
    ['nine decimals behind a comma', { expiryTimestamp: '2028-02-29T23:59:59,123456789Z' }],
    ['the nil UUID', metadata({ createdBy: '00000000-0000-0000-0000-000000000000' })],
    ['version 5 of any variant', metadata({ modifiedBy: HEX.replace('-4def-89', '-5def-09') })],
    ['equal names with other values', metadata({ labels: ['a', 'b'].map((value) => ({ name: 'n', value })) })],
    ['a title of 40 and a detail of 511', detail({ title: 'é'.repeat(40), detail: '🔑'.repeat(511) })],
    ['empty arrays', { trustStateTransitions: [], trustStateDetails: [] }],
    ['transitions that differ', { trustStateTransitions: ['trusted', 'expired'].map((from) => ({ from, to: [] })) }],
  ])('%s', async (_what, fields) => {
    const answer = await ask(server, { method: 'PUT', path: certificate.path, body: changedBody(fields) });
    expect([answer.status, answer.text]).toEqual([204, '']);
  });

  test('and nothing of what was refused was stored', async () => {
    expect(await read(server, certificate.path)).toMatchObject({ id: certificate.id, trustState: 'trusted' });
    expect(await server.database.query('SELECT FROM keypairs')).toHaveLength(1);
  });
});
