import type { TrustOrder, TrustOrderField } from '../../keypairs/index.ts';
import { UnsoundParameter } from './parameters.ts';

/** The order where none is asked for: the oldest first. */
export const OLDEST_FIRST: TrustOrder = { field: 'createdAt', descending: false };

/** By what a list can be ordered: the fields that hold one short text, or a point in time. */
const FIELDS: ReadonlyMap<string, TrustOrderField> = new Map([
  ['version', 'resourceVersion'],
  ['id', 'id'],
  ['certUse', 'use'],
  ['cn', 'commonName'],
  ['expiryTimestamp', 'notAfter'],
  ['isSelfSigned', 'statedSelfSigned'],
  ['trustState', 'state'],
  ['trustStateDesired', 'desired'],
]);

/** Contract §3.6; a literal `%20` is a blank that was encoded twice. */
export const ORDER = /^([0-9a-zA-Z]+)((?: |%20)desc)?$/;

/**
 * The order that is asked for.
 *
 * @param written a field of the top level, and perhaps `desc` behind a blank (contract §3.6)
 * @throws {UnsoundParameter}
 */
export function orderOf(written: string): TrustOrder {
  const [, name, descending] = ORDER.exec(written) ?? [];
  if (name === undefined) {
    throw new UnsoundParameter('is not the name of a field, alone or with desc behind a blank');
  }
  if (name === 'type') {
    // All have the same, and what is equal is in the order of the ids.
    return { field: 'id', descending: false };
  }
  const field = FIELDS.get(name);
  if (field === undefined) {
    throw new UnsoundParameter('names no field that certificates can be ordered by');
  }
  return { field, descending: descending !== undefined };
}
