import type { FastifyInstance, FastifyRequest } from 'fastify';
import { actorOf, answer, departureSignal } from '../../http/index.ts';
import type { Generation } from '../../keypairs/index.ts';
import {
  type AuthentikRequest,
  CannotIssue,
  checkAuthentikRequest,
  generateKeyPair,
  issueAuthentikProfile,
} from '../../x509/index.ts';
import { readBody } from './body.ts';
import { GENERATE_WORDING, ISSUING_WORDING, TOO_MANY_NAMES, wordingKeypairProblems } from './errors.ts';
import { FieldProblems } from './field-problems.ts';
import { readFields } from './fields.ts';
import { strip } from './python.ts';
import { Query, wantsDetails } from './query.ts';
import { renderKeypair } from './render.ts';
import { ANSWERS, PAIRS, PLACEMENT, type Services } from './route.ts';
import { certificateKeyPair, detailsParameter, generateRequest, writeErrors } from './schemas.ts';

/** A certificate with more would not be read back: it is past the limits that every certificate meets. */
const MAX_SUBJECT_ALT_NAMES = 10_000;

/** POST `generate/`: makes a pair; the answer is 200, not 201 (contract §1.4). */
export function generate(app: FastifyInstance, services: Services): void {
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
      const generated = await wordingKeypairProblems(GENERATE_WORDING, () =>
        keypairs.generate(actorOf(request), PLACEMENT, wanted, departure),
      );
      return renderKeypair(generated, wantsDetails(new Query(request)));
    },
  });
}

/** @throws {Refusal} naming every field of which nothing can be generated */
async function readGeneration(request: FastifyRequest, services: Services): Promise<Generation> {
  const { values, problems } = readFields(generateRequest, readBody(request));
  const { common_name, validity_days, alg = 'rsa' } = values;
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
  found.reserve(issuingProblems(wanted));
  found.refuse();
  if (common_name === undefined) {
    throw new Error('a complete body has no common name');
  }
  return { name: common_name, make: async () => issueAuthentikProfile(wanted, await generateKeyPair(alg)) };
}

/** What keeps the certificate from being issued, each part looked at by itself, so that a caller learns of all of it. */
function issuingProblems(wanted: AuthentikRequest): Map<string, string> {
  const sound: AuthentikRequest = { ...wanted, commonName: 'sound', subjectAltNames: [], validityDays: 1 };
  const parts: AuthentikRequest[] = [
    { ...sound, commonName: wanted.commonName },
    { ...sound, subjectAltNames: wanted.subjectAltNames },
    { ...sound, validityDays: wanted.validityDays },
  ];
  const problems = new Map(parts.flatMap((part) => issuingProblem(part) ?? []));
  if (wanted.subjectAltNames.length > MAX_SUBJECT_ALT_NAMES) {
    problems.set('subject_alt_name', TOO_MANY_NAMES);
  }
  return problems;
}

function issuingProblem(request: AuthentikRequest): [readonly [field: string, text: string]] | undefined {
  try {
    checkAuthentikRequest(request);
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
