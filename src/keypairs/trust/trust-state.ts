import type { DesiredState, TrustState } from './trust-entry.ts';

/** The state machine of contract §4: what an entry is, what it may become, and which of its transitions are still to be told of. */

/** What a state follows from. */
export interface TrustFacts {
  readonly isIntact: boolean;
  readonly notAfter: Date;
  readonly desired: DesiredState;
}

/**
 * The state at an instant. A certificate is valid through its notAfter (RFC 5280 §4.1.2.5). `stateExpression` of the statements says the
 * same in SQL.
 */
export function stateAt({ isIntact, notAfter, desired }: TrustFacts, at: Date): TrustState {
  if (!isIntact) {
    return 'untrusted';
  }
  return at > notAfter ? 'expired' : desired;
}

/** From one state to another. */
export interface Transition {
  readonly from: TrustState;
  readonly to: TrustState;
}

/** What was told of an entry, and what it is. */
export interface Judged {
  readonly told: TrustState;
  readonly state: TrustState;
  readonly isIntact: boolean;
}

/**
 * Whether an entry came into a state by itself, of which no event tells yet: it expired, or its certificate was tampered with. By itself
 * nothing else leaves `expired`: where it seems to, somebody's clock is wrong. `untoldExpression` of the statements says the same in SQL.
 */
export function isUntold({ told, state, isIntact }: Judged): boolean {
  return told !== state && (told !== 'expired' || !isIntact);
}
