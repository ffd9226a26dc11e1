/** The bytes break a rule of DER or of the structure that was expected. Internal: callers see it as the cause of our own errors. */
export class DerError extends Error {
  override readonly name = 'DerError';
}
