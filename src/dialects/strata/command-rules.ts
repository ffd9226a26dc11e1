import type { CompleteDraft, Placement } from '../../keypairs/index.ts';
import { belongTogether, isStrictPem } from '../../x509/index.ts';
import { MAX_CERTIFICATE_NAME } from './generate-request.ts';
import { CONTAINER_NAME, containerAt, MAX_CONTAINER_NAME, placementOf } from './tenancy.ts';
import { text } from './text-field.ts';
import { weaknessOf } from './weak-keys.ts';

/** What commands ask of this API that bring certificates in and out beside it. */

const nameRule = text({ min: 1, max: MAX_CERTIFICATE_NAME });

/** Where the certificates of `TSG/KIND:NAME` are, as `1234567890/folder:Shared`; undefined for what names no container (contract §4). */
export function parseContainer(written: string): Placement | undefined {
  const container = containerAt(written);
  const isSound =
    container !== undefined && CONTAINER_NAME.test(container.name) && container.name.length <= MAX_CONTAINER_NAME;
  return isSound ? placementOf(container.tsg, container) : undefined;
}

/**
 * What this API asks of a certificate that is imported (contract §7): what it would refuse is not stored beside it. It also puts
 * certificates in order, which no command does with what is to be kept byte for byte.
 *
 * @param allowWeak takes keys of any strength
 */
export function importRules(allowWeak: boolean) {
  return {
    /** It has no operation that changes one. */
    replaces: false,
    problemOf({ name, certificate, privateKey }: CompleteDraft): string | undefined {
      const named = nameRule.safeParse(name);
      if (!named.success) {
        return `its name ${named.error.issues[0]?.message}`;
      }
      if (certificate.sealed || !isStrictPem(certificate.text)) {
        return 'the text of its certificate must be strict PEM (RFC 7468), and nothing but certificates';
      }
      if (privateKey && !belongTogether(certificate, privateKey)) {
        return 'its private key is not that of its first certificate';
      }
      const weakness = allowWeak ? undefined : weaknessOf(certificate.facts);
      return weakness === undefined ? undefined : `its key ${weakness}`;
    },
  };
}
