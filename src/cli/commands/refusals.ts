import { AccountError, TokenNotFound, TokenRefused } from '../../access/index.ts';

const REFUSALS = [AccountError, TokenRefused, TokenNotFound];

/**
 * Says why nothing was done.
 *
 * @returns the exit code: 0, or 1 where a token or an account was refused
 */
export async function tellingRefusals(act: () => Promise<void>): Promise<number> {
  try {
    await act();
    return 0;
  } catch (error) {
    if (error instanceof Error && REFUSALS.some((refusal) => error instanceof refusal)) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}
