import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GenerateRequest, Keypairs } from '../../keypairs/index.ts';
import { readBody } from './body.ts';
import { GENERATE_WORDING, invalidFields, wordFieldProblem, wordProblems } from './errors.ts';
import { readFields } from './fields.ts';
import { strip } from './python.ts';
import { Query, wantsDetails } from './query.ts';
import { renderKeypair } from './render.ts';
import { ALLOW, caller, departureSignal, PAIRS, PLACEMENT, type Services } from './route.ts';
import { answer, certificateKeyPair, generateRequest, writeErrors } from './schemas.ts';

export function generate(app: FastifyInstance, { keypairs }: Services): void {
  app.post(`${PAIRS}generate/`, {
    schema: {
      tags: ['crypto'],
      operationId: 'crypto_certificatekeypairs_generate_create',
      description: 'Makes a private key and a certificate for it, and stores both.',
      body: generateRequest,
      response: { 200: answer('The generated pair', certificateKeyPair), ...writeErrors },
    },
    config: { operation: 'authentik.certificatekeypairs.generate', allow: ALLOW.generate, wording: GENERATE_WORDING },
    async handler(request, reply) {
      const wanted = await readGeneration(request, keypairs);
      const generated = await keypairs.generate(caller(request), PLACEMENT, wanted, departureSignal(reply));
      return renderKeypair(generated, wantsDetails(new Query(request)));
    },
  });
}

/** @throws {Refusal} naming every field of which nothing can be generated */
async function readGeneration(request: FastifyRequest, keypairs: Keypairs): Promise<GenerateRequest> {
  const { values, problems } = readFields(generateRequest, readBody(request));
  const nameProblems =
    values.common_name === undefined ? [] : (await keypairs.draft(PLACEMENT, { name: values.common_name })).problems;
  const { common_name, validity_days } = values;
  if (problems.size > 0 || nameProblems.length > 0 || common_name === undefined || validity_days === undefined) {
    const worded = [...problems].map(([field, problem]) => [field, wordFieldProblem(problem)] as const);
    throw invalidFields(new Map([...worded, ...wordProblems(nameProblems, GENERATE_WORDING)]));
  }
  return {
    name: common_name,
    validityDays: validity_days,
    algorithm: values.alg ?? 'rsa',
    subjectAltNames: dnsNames(values.subject_alt_name ?? ''),
  };
}

/** Parts are kept as they stand, blanks around them too; only blank parts are dropped (contract §1.4). */
function dnsNames(list: string): string[] {
  return list.split(',').filter((part) => strip(part) !== '');
}
