/** What was met in the scans, so that nothing is said twice for as long as it stays as it is. */
export interface Told {
  /**
   * @param subject what it is about
   * @param state how it is
   * @returns in how many scans in a row it was met so, this one included
   */
  meet(subject: string, state: string): number;
  /** A scan is over: what it did not meet is forgotten. */
  turn(): void;
}

interface Met {
  readonly state: string;
  readonly times: number;
}

export function toldOnce(): Told {
  let before = new Map<string, Met>();
  let met = new Map<string, Met>();
  return {
    meet(subject, state) {
      // A scan that was broken off is continued by the next one.
      const last = met.get(subject) ?? before.get(subject);
      const times = last?.state === state ? last.times + 1 : 1;
      met.set(subject, { state, times });
      return times;
    },
    turn() {
      before = met;
      met = new Map();
    },
  };
}
