import type { FastifyRequest } from 'fastify';
import type { CompleteDraft, Draft, KeypairId, Keypairs } from '../../keypairs/index.ts';
import { readBody } from './body.ts';
import { invalidFields, KEYPAIR_WORDING, wordFieldProblem, wordProblems } from './errors.ts';
import { readFields } from './fields.ts';
import { PLACEMENT } from './route.ts';
import { type KeypairSchema, keypairRequest } from './schemas.ts';

/**
 * Reads and examines the body of a POST or a PUT.
 *
 * @param except the pair that is being replaced
 * @throws {Refusal} naming every field that can't be stored
 */
export async function readKeypair(
  request: FastifyRequest,
  keypairs: Keypairs,
  except?: KeypairId,
): Promise<CompleteDraft> {
  const draft = await readKeypairFields(request, keypairs, keypairRequest, except);
  // The schema requires both; this tells the compiler.
  if (draft.name === undefined || draft.certificate === undefined) {
    throw new Error('a complete body gave an incomplete draft');
  }
  return { ...draft, name: draft.name, certificate: draft.certificate };
}

/** As {@link readKeypair}, by the schema of a PUT or of a PATCH: what is absent stays. */
export async function readKeypairFields(
  request: FastifyRequest,
  keypairs: Keypairs,
  schema: KeypairSchema,
  except?: KeypairId,
): Promise<Draft> {
  const { values, problems } = readFields<KeypairSchema['shape']>(schema, readBody(request));
  const drafted = await keypairs.draft(
    PLACEMENT,
    { name: values.name, certificate: values.certificate_data, privateKey: values.key_data },
    except,
  );
  if (problems.size > 0 || drafted.problems.length > 0) {
    const worded = [...problems].map(([field, problem]) => [field, wordFieldProblem(problem)] as const);
    throw invalidFields(new Map([...worded, ...wordProblems(drafted.problems, KEYPAIR_WORDING)]));
  }
  return drafted.draft;
}
