/** What must be told, by the rule of docs/operations/expiry.md and by nothing of the code. */

const DAY = 86_400_000;

export interface ModelCertificate {
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly since: number;
}

/** The thresholds that are to be told of a certificate by a moment. */
export function dueBy(certificate: ModelCertificate, now: number): string[] {
  const { notBefore, notAfter, since } = certificate;
  const moments: [string, number][] = [
    ['30d', notAfter - 30 * DAY],
    ['14d', notAfter - 14 * DAY],
    ['7d', notAfter - 7 * DAY],
    ['3d', notAfter - 3 * DAY],
    ['1d', notAfter - DAY],
    ['0d', notAfter],
    // One that ends before it begins has no lifetime to divide.
    ['10_percent', notAfter > notBefore ? (notBefore + 9 * notAfter) / 10 : notAfter],
  ];
  let latestBehind = Number.NEGATIVE_INFINITY;
  for (const [, moment] of moments) {
    if (moment <= since && moment > latestBehind) {
      latestBehind = moment;
    }
  }
  const due: string[] = [];
  for (const [threshold, moment] of moments) {
    if ((moment > since || moment === latestBehind) && now >= moment) {
      due.push(threshold);
    }
  }
  return due;
}

/** What was told, and what may and must have been. */
export class Model {
  readonly certificates = new Map<string, ModelCertificate>();
  readonly #must = new Set<string>();
  readonly #may = new Set<string>();

  /** Watchers looked at everything. */
  lookedAtAll(now: number): void {
    for (const id of this.certificates.keys()) {
      this.#note(this.#must, id, now);
    }
  }

  /** Watchers look, and see each pair as it is now or as somebody changes it meanwhile. */
  perhapsLookedAtAll(now: number): void {
    for (const id of this.certificates.keys()) {
      this.#note(this.#may, id, now);
    }
  }

  /** @returns what is wrong with what was told: nothing, where each notice was told once and none is missing */
  faultsOf(told: readonly string[]): string[] {
    const seen = new Set<string>();
    const faults: string[] = [];
    for (const notice of told) {
      if (seen.has(notice)) {
        faults.push(`twice: ${notice}`);
      }
      if (!this.#must.has(notice) && !this.#may.has(notice)) {
        faults.push(`too early, or never due: ${notice}`);
      }
      seen.add(notice);
    }
    for (const notice of this.#must) {
      if (!seen.has(notice)) {
        faults.push(`missing: ${notice}`);
      }
    }
    return faults;
  }

  #note(into: Set<string>, id: string, now: number): void {
    const certificate = this.certificates.get(id);
    for (const threshold of certificate === undefined ? [] : dueBy(certificate, now)) {
      into.add(`${id} ${certificate?.fingerprint} ${threshold}`);
    }
  }
}
