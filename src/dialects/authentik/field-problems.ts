import type { Problem, ProblemCode } from '../../keypairs/index.ts';
import { invalidFields, reasonsOf, type Wording, wordFieldProblem, wordProblem } from './errors.ts';
import type { FieldProblem } from './fields.ts';

/** On which the original fails with a 500: told only of a body in which it would find nothing. */
const RESERVED: ReadonlySet<ProblemCode> = new Set(['NAME_TOO_LONG']);

/** What is wrong with the fields of a body, each in words: what the original would tell, and what it would fail on. */
export class FieldProblems {
  readonly #told = new Map<string, string>();
  readonly #reserved = new Map<string, string>();
  readonly #reasons = new Map<string, string>();
  readonly #fields: readonly string[];

  /** @param fields of the body, in the order in which they are told of */
  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  /** Words what the original's serializer finds. */
  tellFields(problems: ReadonlyMap<string, FieldProblem>): void {
    for (const [field, problem] of problems) {
      this.#told.set(field, wordFieldProblem(problem));
    }
  }

  /** Words the domain's problems as those of fields. */
  tellProblems(problems: readonly Problem[], wording: Wording): void {
    for (const problem of problems) {
      const [field, text] = wordProblem(problem, wording);
      const texts = RESERVED.has(problem.code) ? this.#reserved : this.#told;
      texts.set(field, text);
    }
    for (const [field, reason] of reasonsOf(problems, wording)) {
      this.#reasons.set(field, reason);
    }
  }

  /** Tells what was worded already. */
  tell(field: string, text: string): void {
    this.#told.set(field, text);
  }

  /** What is told only where the original has nothing to tell (contract §7). */
  reserve(problems: ReadonlyMap<string, string>): void {
    for (const [field, text] of problems) {
      this.#reserved.set(field, text);
    }
  }

  /** @throws {Refusal} naming every field that has a problem */
  refuse(): void {
    const problems = this.#told.size > 0 ? this.#told : this.#reserved;
    if (problems.size > 0) {
      const place = ([field]: readonly [string, string]) => this.#fields.indexOf(field);
      throw invalidFields(new Map([...problems].sort((one, other) => place(one) - place(other))), this.#reasons);
    }
  }
}
