import { invalidParams, type Reason } from './errors.ts';

/** What is wrong with the value of a parameter of a query: a reason of problem 5. Its message holds nothing of what was sent. */
export class UnsoundParameter extends Error {
  override readonly name = 'UnsoundParameter';
}

type Given = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The parameters of a query, and what is wrong with them: all of it is told at once. */
export class Parameters {
  readonly #given: Given;
  readonly #reasons: Reason[] = [];

  /** @param query as Fastify parsed it: percent-decoded, each plus sign a blank */
  constructor(query: unknown) {
    this.#given = query as Given;
  }

  /**
   * Each value of a parameter that may be repeated.
   *
   * @param maximum how often
   */
  all(name: string, maximum: number): readonly string[] {
    const values = [this.#given[name] ?? []].flat();
    if (values.length > maximum) {
      this.#reasons.push({ name, reason: `is given more than ${maximum} times` });
      return [];
    }
    return values;
  }

  /** The value of a parameter; undefined where it is absent, or not sound. */
  one(name: string): string | undefined {
    const [value, ...others] = [this.#given[name] ?? []].flat();
    if (others.length > 0) {
      this.#reasons.push({ name, reason: 'is given more than once' });
      return undefined;
    }
    return value;
  }

  /** What a parser makes of a value; undefined where it refuses it. */
  read<T>(name: string, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof UnsoundParameter)) {
        throw error;
      }
      this.#reasons.push({ name, reason: error.message });
      return undefined;
    }
  }

  /** @throws {Problem} 5 where anything was wrong */
  refuse(): void {
    if (this.#reasons.length > 0) {
      throw invalidParams(this.#reasons);
    }
  }
}
