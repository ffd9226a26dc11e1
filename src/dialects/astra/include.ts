import { UnsoundParameter } from './parameters.ts';
import type { renderCertificate } from './render.ts';

export type ResourceField = keyof ReturnType<typeof renderCertificate>;

/** The fields of the resource at its top level (contract §2). */
const FIELDS: Readonly<Record<ResourceField, true>> = {
  type: true,
  version: true,
  id: true,
  certUse: true,
  cert: true,
  cn: true,
  expiryTimestamp: true,
  isSelfSigned: true,
  trustState: true,
  trustStateTransitions: true,
  trustStateDesired: true,
  trustStateDetails: true,
  metadata: true,
};

/** Contract §3.6. */
export const INCLUDE = /^[0-9a-zA-Z]+(?:,[0-9a-zA-Z]+)*$/;

/** One that names each field: whoever asks for one again and again would get more than is stored. */
export const MAX_INCLUDED = Object.keys(FIELDS).length;

/**
 * The fields that are wanted of each resource, in that order.
 *
 * @param written names of the top level with commas between them (contract §3.6)
 * @throws {UnsoundParameter}
 */
export function includeOf(written: string): readonly ResourceField[] {
  if (!INCLUDE.test(written)) {
    throw new UnsoundParameter('is no list of names with commas between them');
  }
  const names = written.split(',');
  if (names.length > MAX_INCLUDED) {
    throw new UnsoundParameter(`has more than ${MAX_INCLUDED} names`);
  }
  if (!names.every(isResourceField)) {
    throw new UnsoundParameter('names what is no field of a certificate');
  }
  return names;
}

function isResourceField(name: string): name is ResourceField {
  return Object.hasOwn(FIELDS, name);
}
