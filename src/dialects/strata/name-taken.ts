import { KeypairRefused } from '../../keypairs/index.ts';
import { nameNotUnique } from './errors.ts';
import type { Container } from './tenancy.ts';

/** Whether a keypair was refused because another one of its place has its name. */
export function isNameTaken(error: unknown): boolean {
  return error instanceof KeypairRefused && error.problems.some(({ code }) => code === 'NAME_TAKEN');
}

/**
 * Does what may meet a name that is taken, and words that.
 *
 * @throws {Refusal} 409 naming certificate and container (contract §9)
 */
export async function wordingNameTaken<T>(
  { name, container }: { readonly name: string; readonly container: Container },
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw isNameTaken(error) ? nameNotUnique(name, container) : error;
  }
}
