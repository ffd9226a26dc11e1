import type { Answer } from './answer.ts';
import { heldAgainstAuthentik, type Standing } from './authentiks-promise.ts';
import { ours } from './descriptions.ts';
import { breachesOfOwn } from './own-promise.ts';

export interface Verdict {
  /** What the answer breaks, and of which description. */
  readonly breaches: readonly string[];
  /** The path as openapi.yaml writes it. */
  readonly path: string | undefined;
  readonly standing: Standing;
}

/** Holds an answer against `openapi.yaml` and against authentik's schema. */
export function judge(answer: Answer): Verdict {
  const own = breachesOfOwn(answer).map((breach) => `openapi.yaml: ${breach}`);
  const { standing, breaches } = heldAgainstAuthentik(answer);
  return {
    path: ours().pathOf(answer)?.template,
    standing,
    breaches: [...own, ...breaches.map((breach) => `authentik's schema: ${breach}`)],
  };
}
