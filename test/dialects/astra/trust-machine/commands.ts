import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Label, type Material, type Put, type State, TrustModel } from './model.ts';

/** Steps that a client of one certificate takes, and time. */

/** The server, its clock, and the one certificate that all steps are about. */
export interface Real {
  readonly collection: string;
  /** Sorted by their ends, of which some are past. */
  readonly materials: readonly Material[];
  readonly clock: { now: number };
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  id: string;
  etag: string;
  /** Of a state before. */
  staleEtag: string;
  modified: string;
  /** How many steps were taken. */
  steps: number;
  /** Of certificates that were deleted: what became of them. */
  readonly ended: { readonly id: string; readonly model: TrustModel }[];
}

/** The model changes its certificate where that is deleted and another one is added. */
export interface Model {
  current: TrustModel;
}

const TYPE = 'application/astra-certificate';

export type Step = fc.AsyncCommand<Model, Real>;

/** What comes next of those that have not expired, and some of those that have. */
function pick(
  real: Real,
  { isFresh, skip }: { readonly isFresh: boolean; readonly skip: number },
): Material | undefined {
  const candidates = real.materials.filter(({ notAfter }) => notAfter >= real.clock.now === isFresh);
  return isFresh ? candidates[Math.min(skip, candidates.length - 1)] : candidates.at(-1 - skip);
}

/** Holds what is shown against the model, and remembers its ETag and time. */
export async function look(model: Model, real: Real): Promise<void> {
  const answer = await real.request('GET', `${real.collection}/${real.id}`);
  const text = await answer.text();
  expect(answer.status).toBe(200);
  const { id, metadata, ...rest } = JSON.parse(text) as {
    id: string;
    metadata: { labels: Label[]; modificationTimestamp: string };
  };
  expect(id).toBe(real.id);
  expect(rest).toEqual(model.current.resource());
  expect(metadata.labels).toEqual(model.current.labels);
  expect(answer.headers.get('etag')).toBe(`"${createHash('md5').update(text).digest('hex')}"`);
  const etag = answer.headers.get('etag') ?? '';
  if (etag !== real.etag && real.etag !== '') {
    real.staleEtag = real.etag;
  }
  real.etag = etag;
  real.modified = metadata.modificationTimestamp;
}

async function send(model: Model, real: Real, put: Put): Promise<void> {
  const { certificate, derived, id, ifMatch, ...fields } = put;
  const body = {
    type: TYPE,
    ...fields,
    ...derived,
    ...(certificate === undefined ? {} : { cert: certificate.cert }),
    ...(id === undefined ? {} : { id: id === 'own' ? real.id : '00000000-0000-0000-0000-000000000000' }),
  };
  const condition = { current: real.etag, stale: real.staleEtag, any: '*' };
  const headers = ifMatch === undefined ? {} : { 'if-match': condition[ifMatch] };
  const answer = await real.request('PUT', `${real.collection}/${real.id}`, body, headers);
  const text = await answer.text();
  const problem = text === '' ? undefined : Number((JSON.parse(text) as { type: string }).type.split('/').at(-1));
  const expected = model.current.put(put);
  expect({ status: answer.status, problem }).toEqual({ problem: undefined, ...expected });
  const before = real.modified;
  await look(model, real);
  if (expected.status === 204) {
    expect(real.modified > before).toBe(true);
  } else {
    expect(real.modified).toBe(before);
  }
}

export async function add(real: Real, certificate: Material): Promise<TrustModel> {
  const answer = await real.request('POST', real.collection, { type: TYPE, version: '1.1', cert: certificate.cert });
  expect(answer.status).toBe(201);
  real.id = ((await answer.json()) as { id: string }).id;
  return new TrustModel(certificate, real.clock.now);
}

/** A step from some states alone. */
class From implements Step {
  readonly #states: readonly State[];
  readonly #name: string;
  readonly #run: (model: Model, real: Real) => Promise<void>;

  constructor(states: readonly State[], name: string, run: (model: Model, real: Real) => Promise<void>) {
    this.#states = states;
    this.#name = name;
    this.#run = run;
  }

  check(model: Readonly<Model>): boolean {
    return this.#states.includes(model.current.state);
  }

  async run(model: Model, real: Real): Promise<void> {
    real.steps++;
    await this.#run(model, real);
  }

  toString(): string {
    return this.#name;
  }
}

const ANY: readonly State[] = ['untrusted', 'trusted', 'expired'];

const label = fc.record({ name: fc.constantFrom('site', 'rack'), value: fc.constantFrom('lab-7', 'lab 8', '') });
const extras = fc.record(
  {
    certUse: fc.constantFrom('rootCA', 'intermediateCA'),
    isSelfSigned: fc.constantFrom('true', 'false'),
    metadata: fc.record(
      { labels: fc.uniqueArray(label, { maxLength: 2, selector: (each) => JSON.stringify(each) }) },
      { requiredKeys: [] },
    ),
    derived: fc.record({ trustState: fc.constantFrom(...ANY), cn: fc.constant('made up') }),
    id: fc.constant('own' as const),
    ifMatch: fc.constantFrom('current' as const, 'any' as const),
  },
  { requiredKeys: [] },
);
const version = fc.constantFrom('1.0' as const, '1.1' as const);
/** Mostly the next one: so that a walk does not run out of them. */
const skip = fc.constantFrom(0, 0, 0, 1, 2);

function putStep(
  states: readonly State[],
  name: string,
  fixed: Pick<Put, 'trustStateDesired'>,
  certificate: fc.Arbitrary<{ readonly isFresh: boolean; readonly skip: number } | undefined>,
  more: fc.Arbitrary<Partial<Put>> = extras,
): fc.Arbitrary<Step> {
  return fc.record({ version, certificate, more }).map(
    ({ version, certificate, more }) =>
      new From(states, `${name} ${JSON.stringify({ version, certificate, ...more })}`, (model, real) => {
        const picked = certificate && pick(real, certificate);
        return send(model, real, {
          version,
          ...more,
          ...fixed,
          ...(picked === undefined ? {} : { certificate: picked }),
        });
      }),
  );
}

const none = fc.constant(undefined);
const fresh = skip.map((skip) => ({ isFresh: true, skip }));
const some = fc.oneof(
  none,
  fresh,
  skip.map((skip) => ({ isFresh: false, skip })),
);

const refusable = fc
  .tuple(extras, fc.constantFrom({}, { id: 'another' as const }, { ifMatch: 'stale' as const }))
  .map(([extras, refused]) => ({ ...extras, ...refused }));

const passTime = fc.constant(
  new From(['untrusted', 'trusted'], 'time passes', async (model, real) => {
    real.clock.now = model.current.certificate.notAfter + 1;
    model.current.passTime(real.clock.now);
    await look(model, real);
  }),
);

const recreate = fc.constant(
  new From(ANY, 'delete, and add anew', async (model, real) => {
    expect((await real.request('DELETE', `${real.collection}/${real.id}`, {})).status).toBe(204);
    expect((await real.request('GET', `${real.collection}/${real.id}`)).status).toBe(404);
    real.ended.push({ id: real.id, model: model.current });
    model.current = await add(real, pick(real, { isFresh: true, skip: 0 }) ?? model.current.certificate);
    await look(model, real);
  }),
);

const unchanged = fc.constant(
  new From(ANY, 'look again', async (model, real) => {
    const answer = await real.request('GET', `${real.collection}/${real.id}`, undefined, {
      'if-none-match': real.etag,
    });
    expect(answer.status).toBe(304);
    await look(model, real);
  }),
);

const WITHDRAW = putStep(['trusted'], 'withdraw', { trustStateDesired: 'untrusted' }, fc.oneof(none, fresh));
const TRUST = putStep(['untrusted'], 'trust', { trustStateDesired: 'trusted' }, fc.oneof(none, fresh));
const RENEW_TRUSTED = putStep(['expired'], 'renew', { trustStateDesired: 'trusted' }, fresh);
const RENEW_UNTRUSTED = putStep(['expired'], 'renew', { trustStateDesired: 'untrusted' }, fresh);

/** How often each stands among the steps: so that no transition is rare, though a certificate comes as trusted. */
const WEIGHTS = [
  [WITHDRAW, 7],
  [TRUST, 8],
  [passTime, 8],
  [RENEW_TRUSTED, 10],
  [RENEW_UNTRUSTED, 11],
] as const;

export const STEPS: readonly fc.Arbitrary<Step>[] = [
  ...WEIGHTS.flatMap(([step, weight]) => Array.from({ length: weight }, () => step)),
  putStep(ANY, 'any', {}, some, refusable),
  putStep(ANY, 'any to trusted', { trustStateDesired: 'trusted' }, some, refusable),
  putStep(ANY, 'any to untrusted', { trustStateDesired: 'untrusted' }, some, refusable),
  recreate,
  unchanged,
];
