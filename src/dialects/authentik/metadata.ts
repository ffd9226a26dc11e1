import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AccessError, isAllowed, isOnTarget, type Operation } from '../../access/index.ts';
import { answer } from '../../http/index.ts';
import { KeypairNotFound, type Keypairs } from '../../keypairs/index.ts';
import { Refusal } from './errors.ts';
import { findPairFor } from './find-pair.ts';
import { PATHS, type PathName } from './paths.ts';
import { JSON_ONLY, type Services } from './route.ts';
import { bodilessErrors, metadata, pathErrors, readErrors } from './schemas.ts';
import { anyVisible } from './visible.ts';

/** OPTIONS: what a path is, and to callers who may write there, the fields of a pair (contract §1.8, §2.1 rule 9). */
export function options(app: FastifyInstance, { keypairs }: Services): void {
  for (const { path, url, answers, name, description, operationId, tag } of PATHS) {
    app.options(url, {
      schema: {
        tags: [tag],
        operationId,
        description: 'Describes this path.',
        response: {
          200: answer('What the path is', metadata),
          ...pathErrors,
          413: bodilessErrors[413],
          503: readErrors[503],
        },
      },
      config: { operation: `${path}.options`, authentik: answers },
      async handler(request) {
        const method = await writingMethod(request, path, keypairs);
        return {
          name,
          description,
          renders: answers.renders ?? JSON_ONLY,
          parses: JSON_ONLY,
          ...(method === undefined ? {} : { actions: { [method]: FIELDS } }),
        };
      },
    });
  }
}

/** The operation that OPTIONS of a path asks about. */
const WRITING: Readonly<Partial<Record<PathName, readonly [method: 'POST' | 'PUT', operation: Operation]>>> = {
  'authentik.certificatekeypairs.list': ['POST', 'authentik.certificatekeypairs.create'],
  'authentik.certificatekeypairs.generate': ['POST', 'authentik.certificatekeypairs.generate'],
  'authentik.certificatekeypairs.detail': ['PUT', 'authentik.certificatekeypairs.update'],
};

async function writingMethod(
  request: FastifyRequest,
  path: PathName,
  keypairs: Keypairs,
): Promise<'POST' | 'PUT' | undefined> {
  const [method, operation] = WRITING[path] ?? [];
  if (operation === undefined || !(await isAllowed(request.caller, operation, anyVisible(keypairs)))) {
    return undefined;
  }
  return isOnTarget(operation) && !(await isWritable(request, keypairs, operation)) ? undefined : method;
}

async function isWritable(request: FastifyRequest, keypairs: Keypairs, operation: Operation): Promise<boolean> {
  try {
    await findPairFor(request, keypairs, operation);
    return true;
  } catch (error) {
    if (error instanceof KeypairNotFound || error instanceof AccessError || error instanceof Refusal) {
      return false;
    }
    throw error;
  }
}

interface Field {
  readonly type: 'string' | 'datetime' | 'choice' | 'field';
  readonly required: boolean;
  readonly read_only: boolean;
  readonly label: string;
  readonly help_text?: string;
}

const shown = (type: Field['type'], label: string, help_text?: string): Field => ({
  type,
  required: false,
  read_only: true,
  label,
  ...(help_text === undefined ? {} : { help_text }),
});
const written = (required: boolean, label: string, help_text?: string): Field => ({
  ...shown('string', label, help_text),
  required,
  read_only: false,
});

/** A pair's fields in the words of Django REST framework, which writes computed ones as `field`. Generate shows the same. */
const FIELDS: Readonly<Record<string, Field>> = {
  pk: shown('string', 'Kp uuid'),
  name: written(true, 'Name'),
  fingerprint_sha256: shown('string', 'Fingerprint sha256', 'SHA256 fingerprint of the certificate'),
  fingerprint_sha1: shown('string', 'Fingerprint sha1', 'SHA1 fingerprint of the certificate'),
  certificate_data: written(true, 'Certificate data', 'PEM-encoded certificate data'),
  key_data: written(false, 'Key data', 'Optional private key in PEM. Blank removes it.'),
  cert_expiry: shown('datetime', 'Cert expiry', 'Certificate expiry date'),
  cert_subject: shown('string', 'Cert subject', 'Certificate subject as RFC4514 string'),
  private_key_available: shown('field', 'Private key available'),
  key_type: shown('choice', 'Key type', "Type of the certificate's public key"),
  private_key_type: shown('field', 'Private key type'),
  certificate_download_url: shown('field', 'Certificate download url'),
  private_key_download_url: shown('field', 'Private key download url'),
  managed: shown('string', 'Managed by Certkeep', 'Set on pairs that are managed automatically.'),
};
