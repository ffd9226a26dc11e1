const MOST_STARTS = 5;

/**
 * How often a fault is made to happen: `CERTKEEP_FAULT_ROUNDS` where it is set, as `npm run faults:long` does, otherwise a few times.
 *
 * @throws {Error} where the variable holds no number above zero
 */
export function faultRounds(few: number): number {
  const text = process.env['CERTKEEP_FAULT_ROUNDS'];
  if (text === undefined || text === '') {
    return few;
  }
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new Error(`CERTKEEP_FAULT_ROUNDS is not a number of rounds: ${text}`);
  }
  return Number(text);
}

/** As {@link faultRounds}, of a fault that takes a whole start of a server each time: once, and a few times in a long run. */
export function startRounds(): number {
  return Math.min(faultRounds(1), MOST_STARTS);
}

/** Whether what is too much for every change is tried too. */
export function isLongRun(): boolean {
  return faultRounds(0) > 0;
}

/** The time that a test of so many rounds may take, in milliseconds: much longer than it does, so that a machine may be busy. */
export function timeFor(rounds: number): number {
  return 120_000 + rounds * 40_000;
}
