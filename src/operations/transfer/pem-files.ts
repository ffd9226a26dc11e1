import type { PairSource } from './pair-source.ts';
import { type ReadOptions, readTextInput } from './read-input.ts';

export interface PemFiles {
  readonly name: string;
  readonly certificate: string;
  readonly privateKey?: string | undefined;
}

/** A certificate in a file of PEM, and its private key in another: what authentik's `import_certificate` takes (contract §5). */
export function pemFiles({ name, certificate, privateKey }: PemFiles, options: ReadOptions): PairSource {
  return {
    path: certificate,
    async read() {
      return {
        name,
        certificate: await readTextInput(certificate, options),
        ...(privateKey === undefined ? {} : { privateKey: await readTextInput(privateKey, options) }),
      };
    },
  };
}
