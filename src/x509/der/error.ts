import type { DerLimit } from './limits.ts';

/** The bytes break a rule of DER or of the structure that was expected. Internal: callers see it as the cause of our own errors. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** The bytes may be sound, but there are more of them than are walked. */
export class DerLimitError extends DerError {
  readonly limit: DerLimit;

  constructor(limit: DerLimit) {
    super(`more than ${limit}`);
    this.limit = limit;
  }
}
