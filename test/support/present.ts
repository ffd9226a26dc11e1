/**
 * What must be there for a test to go on.
 *
 * @throws where it is not
 */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) {
    throw new Error('what the test needs is not there');
  }
  return value;
}
