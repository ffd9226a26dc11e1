import type { Answer } from './answer.ts';
import type { Standing } from './authentiks-promise.ts';
import { judge } from './verdict.ts';

/** How many answers were judged: against openapi.yaml all of them, and how they stand to authentik's schema. */
export type AnswerCounts = Readonly<Record<'all' | Standing, number>>;

const MOST_SHOWN = 20;

/** Judges answers, and remembers those that break a description. */
export class AnswerLog {
  readonly #counts = { all: 0, described: 0, undescribed: 0, exception: 0, unrelated: 0 };
  /** By what was broken, since one mistake may show in a thousand answers. */
  readonly #found = new Map<string, { readonly breach: string; readonly first: Answer; count: number }>();

  #foreseesMistakes = false;

  /** From now on a 500 is what the test wants to see. */
  foreseeMistakes(): void {
    this.#foreseesMistakes = true;
  }

  get counts(): AnswerCounts {
    return { ...this.#counts };
  }

  /** Never throws, since it is called where nobody could catch: what can't be judged is a breach. */
  judge(answer: Answer): void {
    this.#counts.all++;
    try {
      const { path, standing, breaches } = judge(answer);
      this.#counts[standing]++;
      for (const breach of breaches) {
        this.#remember(answer, breach, path);
      }
      if (answer.status === 500 && !this.#foreseesMistakes) {
        this.#remember(answer, 'a mistake of the server that no test foresaw', path);
      }
    } catch (error) {
      this.#remember(answer, `can not be judged: ${error}`, undefined);
    }
  }

  /**
   * To be called when no more answers come.
   *
   * @throws {Error} that lists the answers which broke a description
   */
  assertDescribed(): void {
    if (this.#found.size === 0) {
      return;
    }
    const lines = [...this.#found.values()].map(({ breach, first, count }) => {
      const others = count === 1 ? '' : ` (and ${count - 1} more like it)`;
      return `  ${first.method} ${first.url} ${first.status}${others}\n    ${breach}`;
    });
    const rest = lines.length > MOST_SHOWN ? [`  and ${lines.length - MOST_SHOWN} other breaches`] : [];
    throw new Error(['answers that are not as they are described:', ...lines.slice(0, MOST_SHOWN), ...rest].join('\n'));
  }

  #remember(answer: Answer, breach: string, path: string | undefined): void {
    const key = `${answer.method} ${path} ${answer.status} ${breach}`;
    const found = this.#found.get(key) ?? { breach, first: answer, count: 0 };
    found.count++;
    this.#found.set(key, found);
  }
}
