import { opensslPair } from '../../support/openssl.ts';
import type { Content } from './ledger.ts';

const PAIRS = 4;

/** Gives contents that differ from each other in every byte string that is stored, without a key pair of their own for each. */
export function createMaterial() {
  const pairs = Array.from({ length: PAIRS }, (_value, index) => opensslPair(`fault-${index}.example`));
  let given = 0;
  return {
    next({ withKey }: { withKey: boolean }): Content {
      given++;
      const { certificate, privateKey } = pairs[given % PAIRS] as (typeof pairs)[number];
      // Text in front of the blocks is kept as it was sent.
      return {
        certificate: `certificate ${given}\n${certificate.trim()}`,
        key: withKey ? `key ${given}\n${privateKey.trim()}` : '',
      };
    },
  };
}

export type Material = ReturnType<typeof createMaterial>;
