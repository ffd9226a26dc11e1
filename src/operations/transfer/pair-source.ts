/** A pair that is to be stored. */
export interface PairToImport {
  readonly name: string;
  /** PEM, kept byte for byte. */
  readonly certificate: string;
  /** As the certificate; without it, a key that is stored stays. */
  readonly privateKey?: string | undefined;
}

/** Where a pair comes from. It is read when its turn comes, so that few of many are in memory. */
export interface PairSource {
  /** As people are told of it. */
  readonly path: string;
  /**
   * @param signal aborted when nobody wants it any more
   * @throws {TransferRefused}
   */
  read(signal: AbortSignal): Promise<PairToImport>;
}

/** What is to be imported, all of it. */
export interface PairSources {
  readonly total: number;
  readonly sources: AsyncIterable<PairSource> | Iterable<PairSource>;
}
