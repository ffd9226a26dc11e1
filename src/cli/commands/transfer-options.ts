import { readConfig } from '../../config.ts';
import { importRules, parseContainer } from '../../dialects/strata/index.ts';
import type { Placement } from '../../keypairs/index.ts';
import { type RealmRules, STANDARD_INPUT, TransferFailed, TransferRefused } from '../../operations/transfer/index.ts';
import { UsageError } from './command.ts';

export const PLACE_OPTIONS = { realm: { type: 'string' }, scope: { type: 'string' } } as const;

export interface Place {
  readonly placement: Placement;
  readonly realmRules: RealmRules | undefined;
}

/**
 * Where pairs come from or go to.
 *
 * @throws {UsageError}
 */
export function placeOf({
  realm = 'authentik',
  scope,
}: {
  realm?: string | undefined;
  scope?: string | undefined;
}): Place {
  if (realm === 'authentik' && scope === undefined) {
    return { placement: { realm, scope: '' }, realmRules: undefined };
  }
  if (realm === 'authentik') {
    throw new UsageError('the realm authentik has no scopes');
  }
  if (realm !== 'strata') {
    throw new UsageError(
      `--realm takes authentik or strata, and not ${realm}: the accounts of Astra Control have an API of their own for this`,
    );
  }
  const placement = parseContainer(scope ?? '');
  if (placement === undefined) {
    throw new UsageError('--realm strata needs --scope TSG/KIND:NAME, such as 1234567890/folder:Shared');
  }
  return { placement, realmRules: importRules(readConfig(process.env).strata.allowWeak) };
}

/** @throws {UsageError} where more than one file is standard input */
export function refuseSecondInput(...paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === STANDARD_INPUT).length > 1) {
    throw new UsageError('standard input can be one file only');
  }
}

/** Says why nothing more was done. */
export async function tellingFailures(act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TransferFailed || error instanceof TransferRefused) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}
