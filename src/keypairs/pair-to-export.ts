import type { KeypairId } from './keypair.ts';

/** What is known of a pair before its texts are given away. */
export interface PairToExport {
  readonly id: KeypairId;
  readonly name: string;
  /** By what owns the row; no client's where it is null. */
  readonly managed: string | null;
  readonly hasPrivateKey: boolean;
  /** False where the key, if there is one, must never leave. */
  readonly privateKeyExportable: boolean;
}

/** Which pairs, and from where on. */
export interface ExportPage {
  /** The name behind which it begins, by its bytes; `''` for the first. */
  readonly after: string;
  readonly limit: number;
  /** None but these; all without it. */
  readonly names?: readonly string[] | undefined;
}
