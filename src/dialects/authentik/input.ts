import type { FastifyRequest } from 'fastify';
import type { CompleteDraft, Draft, KeypairId, Keypairs } from '../../keypairs/index.ts';
import { readBody } from './body.ts';
import { KEYPAIR_WORDING } from './errors.ts';
import { FieldProblems } from './field-problems.ts';
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
  const found = new FieldProblems(Object.keys(schema.shape));
  found.tellFields(problems);
  found.tellProblems(drafted.problems, KEYPAIR_WORDING);
  found.refuse();
  return drafted.draft;
}
