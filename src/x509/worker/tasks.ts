import { describeChain } from '../chain.ts';
import { decryptPrivateKey } from '../formats/decrypt-private-key.ts';
import { exportPrivateKey, type PrivateKeyExport } from '../formats/export-private-key.ts';
import type { Pkcs12Content } from '../pkcs12/content.ts';
import { readPkcs12 } from '../pkcs12/read.ts';
import { type Pkcs12Options, writePkcs12 } from '../pkcs12/write.ts';
import type { TaskTable } from './serve-tasks.ts';

/** All that a thread does, each with one value to send. What is not in here can't be asked for. */
export const TASKS = {
  describeChain,
  readPkcs12: ({ file, passphrase }: { readonly file: Buffer; readonly passphrase: string }) =>
    readPkcs12(file, passphrase),
  writePkcs12: ({ content, passphrase, options }: WritePkcs12) => writePkcs12(content, passphrase, options),
  decryptPrivateKey: ({ key, passphrase }: { readonly key: string | Buffer; readonly passphrase: string }) =>
    decryptPrivateKey(key, passphrase),
  exportPrivateKey: ({ key, options }: { readonly key: string; readonly options: PrivateKeyExport }) =>
    exportPrivateKey(key, options),
} satisfies TaskTable;

interface WritePkcs12 {
  readonly content: Pkcs12Content;
  readonly passphrase: string;
  readonly options?: Pkcs12Options;
}

export type X509Tasks = typeof TASKS;
