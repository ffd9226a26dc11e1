import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  contextConstructedValue,
  copiedSequence,
  type DerValue,
  objectIdentifier,
  sequence,
  setOf,
  smallInteger,
} from '../der/writer.ts';
import { CannotIssue } from '../errors.ts';
import type { SignatureMethod } from '../issuing/signature-methods.ts';
import { signValue } from '../issuing/signing.ts';
import { LIMITS } from '../limits.ts';
import { writePem } from '../pem.ts';
import { EXTENSION_REQUEST } from './requested-extensions.ts';

/** What a request says, beside the key that it is for. */
export interface RequestContent {
  /** Name. */
  readonly subject: DerValue;
  /** Extension, each; where there are none, the attributes are empty. */
  readonly extensions: readonly DerValue[];
}

/**
 * Signs a certification request (RFC 2986 §4.2), version 1, with what it asks for in an extensionRequest attribute (RFC 2985 §5.4.2).
 * @param method as `chooseSignature` gives it for this key
 * @returns PEM (CERTIFICATE REQUEST) with a trailing newline
 * @throws CannotIssue KEY_CANNOT_SIGN; CERTIFICATE_TOO_LARGE
 */
export async function signRequest(content: RequestContent, method: SignatureMethod, key: KeyObject): Promise<string> {
  const der = await signValue(buildInfo(content, key), method, key);
  if (der.length > LIMITS.DER_BYTES) throw new CannotIssue('CERTIFICATE_TOO_LARGE', 'no request so large is read back');
  return writePem('CERTIFICATE REQUEST', der);
}

function buildInfo({ subject, extensions }: RequestContent, key: KeyObject): DerValue {
  const request = sequence(objectIdentifier(EXTENSION_REQUEST), setOf([sequence(...extensions)]));
  return sequence(
    smallInteger(0),
    subject,
    copiedSequence(createPublicKey(key).export({ format: 'der', type: 'spki' })),
    contextConstructedValue(0, extensions.length === 0 ? [] : [request]),
  );
}
