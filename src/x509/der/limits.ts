/** How much of one input is walked. */
export const DER_LIMITS = {
  DER_BYTES: 1 << 20,
  DER_ELEMENTS: 50_000,
  /** AlgorithmIdentifiers may hold one another, so that the depth of our own calls follows the input's. */
  DER_DEPTH: 64,
} as const;

export type DerLimit = keyof typeof DER_LIMITS;
