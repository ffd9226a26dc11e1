import type { FastifyInstance, FastifyRequest } from 'fastify';
import { actorOf, answer, departureSignal } from '../../http/index.ts';
import type { Generation } from '../../keypairs/index.ts';
import {
  type AuthentikRequest,
  CannotIssue,
  checkAuthentikRequest,
  checkSelfSignedRequest,
  type GeneratedKeyPair,
  generateKeyPair,
  type IssuedKeypair,
  issueAuthentikProfile,
  issueSelfSignedProfile,
  LIMITS,
} from '../../x509/index.ts';
import { readBody } from './body.ts';
import { type DecisionServices, stillMay } from './decide-again.ts';
import { GENERATE_WORDING, ISSUING_WORDING, NAMES_TOO_LONG, TOO_MANY_NAMES, wordingKeypairProblems } from './errors.ts';
import { FieldProblems } from './field-problems.ts';
import { readFields } from './fields.ts';
import { strip } from './python.ts';
import { Query, wantsDetails } from './query.ts';
import { renderKeypair } from './render.ts';
import { ANSWERS, PAIRS, PLACEMENT, type Services } from './route.ts';
import { certificateKeyPair, detailsParameter, generateRequest, writeErrors } from './schemas.ts';

/** The tag and the length of a name in the certificate are no more. */
const BYTES_BESIDE_A_NAME = 6;
/** All but the names in a certificate is less: a key and a signature of RSA-4096, three short names, the dates. */
const BYTES_BESIDE_THE_NAMES = 4096;

/** What a certificate says beside what was asked for. */
interface Profile {
  check(request: AuthentikRequest): void;
  issue(request: AuthentikRequest, keys: GeneratedKeyPair): Promise<IssuedKeypair>;
}

/** The original's: its issuer is another name, so that it verifies nowhere. */
const ORIGINAL: Profile = { check: checkAuthentikRequest, issue: issueAuthentikProfile };
const SELF_SIGNED: Profile = { check: checkSelfSignedRequest, issue: issueSelfSignedProfile };

/** POST `generate/`: makes a pair; the answer is 200, not 201 (contract §1.4). */
export function generate(app: FastifyInstance, services: Services & DecisionServices): void {
  const { keypairs } = services;
  app.post(`${PAIRS}generate/`, {
    schema: {
      tags: ['crypto'],
      operationId: 'crypto_certificatekeypairs_generate_create',
      description: 'Makes a private key and a certificate for it, and stores both.',
      querystring: detailsParameter,
      body: generateRequest,
      response: { 200: answer('The generated pair', certificateKeyPair), ...writeErrors },
    },
    config: { operation: 'authentik.certificatekeypairs.generate', authentik: ANSWERS.generate },
    async handler(request, reply) {
      // First of all: a client may leave while its request is still being read.
      const departure = departureSignal(reply);
      const wanted = await readGeneration(request, services);
      const make = async () => {
        const made = await wanted.make();
        // It may have waited for its turn for long, and the key for the primes.
        await stillMay(request, services);
        return made;
      };
      const generated = await wordingKeypairProblems(GENERATE_WORDING, () =>
        keypairs.generate(actorOf(request), PLACEMENT, { ...wanted, make }, departure),
      );
      return renderKeypair(generated, wantsDetails(new Query(request)));
    },
  });
}

/** @throws {Refusal} naming every field of which nothing can be generated */
async function readGeneration(request: FastifyRequest, services: Services): Promise<Generation> {
  const { values, problems } = readFields(generateRequest, readBody(request));
  const { common_name, validity_days, alg = 'rsa' } = values;
  const profile = services.selfSigned ? SELF_SIGNED : ORIGINAL;
  const wanted: AuthentikRequest = {
    commonName: common_name ?? 'unknown',
    subjectAltNames: dnsNames(values.subject_alt_name ?? ''),
    validityDays: Number(validity_days ?? 0),
    issuerCommonName: services.issuerCommonName,
    now: services.now(),
  };
  const { problems: nameProblems } = await services.keypairs.draft(PLACEMENT, { name: common_name });
  const found = new FieldProblems(Object.keys(generateRequest.shape));
  found.tellFields(problems);
  found.tellProblems(nameProblems, GENERATE_WORDING);
  found.reserve(issuingProblems(wanted, profile));
  found.refuse();
  if (common_name === undefined) {
    throw new Error('a complete body has no common name');
  }
  return { name: common_name, make: async () => profile.issue(wanted, await generateKeyPair(alg)) };
}

/** What keeps the certificate from being issued, each part looked at by itself, so that a caller learns of all of it. */
function issuingProblems(wanted: AuthentikRequest, profile: Profile): Map<string, string> {
  const sound: AuthentikRequest = { ...wanted, commonName: 'sound', subjectAltNames: [], validityDays: 1 };
  const parts: AuthentikRequest[] = [
    { ...sound, commonName: wanted.commonName },
    { ...sound, subjectAltNames: wanted.subjectAltNames },
    { ...sound, validityDays: wanted.validityDays },
  ];
  const problems = new Map(parts.flatMap((part) => issuingProblem(part, profile) ?? []));
  const excess = excessOfNames(wanted.subjectAltNames);
  if (excess !== undefined) {
    problems.set('subject_alt_name', excess);
  }
  return problems;
}

/** A certificate past the limits that every certificate meets would not be read back, after a key was made for it. */
function excessOfNames(names: readonly string[]): string | undefined {
  if (names.length > LIMITS.ALTERNATIVE_NAMES) {
    return TOO_MANY_NAMES;
  }
  const bytes = names.reduce(
    (sum, name) => sum + Buffer.byteLength(name) + BYTES_BESIDE_A_NAME,
    BYTES_BESIDE_THE_NAMES,
  );
  return bytes > LIMITS.DER_BYTES ? NAMES_TOO_LONG : undefined;
}

function issuingProblem(
  request: AuthentikRequest,
  profile: Profile,
): [readonly [field: string, text: string]] | undefined {
  try {
    profile.check(request);
    return undefined;
  } catch (error) {
    const worded = error instanceof CannotIssue ? ISSUING_WORDING[error.code] : undefined;
    if (worded === undefined) {
      throw error;
    }
    return [worded];
  }
}

/** Parts are kept as they stand, blanks around them too; only blank parts are dropped (contract §1.4). */
function dnsNames(list: string): string[] {
  return list.split(',').filter((part) => strip(part) !== '');
}
