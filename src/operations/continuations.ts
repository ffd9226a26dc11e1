import { hkdfSync } from 'node:crypto';
import type { AuditKey, AuditKeys } from '../audit/index.ts';
import { type AuthenticatedTexts, authenticatedTexts } from '../http/index.ts';

const KEY_BYTES = 32;

/**
 * What authenticates the tokens by which lists are continued. Its keys are made of the audit keys by HKDF-SHA256 (RFC 5869), so that all
 * replicas have the same, and know each other's tokens while the audit key is changed.
 */
export function continuationTexts({ current, all }: AuditKeys): AuthenticatedTexts {
  const earlier = all.filter(({ id }) => id !== current.id);
  return authenticatedTexts([derived(current), ...earlier.map(derived)]);
}

function derived({ key }: AuditKey): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', 'certkeep continue token', KEY_BYTES));
}
