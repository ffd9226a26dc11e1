import { expect } from 'vitest';

/** Executes the `@example` blocks of TSDoc comments. */

/** The texts of a comment's `@example` blocks, each up to the next block tag. */
export function examplesOf(comment: string): string[] {
  const blocks = comment.split(/^(?=@\w)/m).filter((block) => /^@example\s/.test(block));
  return blocks.map((block) => block.slice('@example'.length).trim());
}

type AsyncFunctionConstructor = new (...parts: string[]) => (...values: unknown[]) => Promise<void>;

const AsyncFunction = (async () => undefined).constructor as AsyncFunctionConstructor;

/**
 * Executes one example as JavaScript, with `scope` as its globals. A line `expression; // → literal` is an assertion of deep
 * equality, `expression; // throws CODE` of an error (or a rejection) with that code. Every other line is executed as it stands.
 * @throws an assertion's error, also where the example asserts nothing
 */
export async function runExample(example: string, scope: Readonly<Record<string, unknown>>): Promise<void> {
  const lines = example.split('\n').map(compileLine);
  expect(lines.filter(({ asserts }) => asserts).length, 'assertions in the example').toBeGreaterThan(0);
  const names = [...Object.keys(scope), 'assertEqual', 'assertThrows'];
  const run = new AsyncFunction(...names, ['"use strict";', ...lines.map(({ code }) => code)].join('\n'));
  await run(...Object.values(scope), assertEqual, assertThrows);
}

function compileLine(line: string): { code: string; asserts: boolean } {
  const equal = /^(?<expression>.+?);? \/\/ → (?<literal>.+)$/.exec(line)?.groups;
  if (equal !== undefined)
    return { code: `assertEqual(await (${equal['expression']}), (${equal['literal']}));`, asserts: true };
  const thrown = /^(?<expression>.+?);? \/\/ throws (?<code>[A-Z][A-Z0-9_]*)$/.exec(line)?.groups;
  if (thrown !== undefined)
    return {
      code: `await assertThrows(async () => (${thrown['expression']}), '${thrown['code']}');`,
      asserts: true,
    };
  return { code: line, asserts: false };
}

function assertEqual(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected);
}

async function assertThrows(act: () => Promise<unknown>, code: string): Promise<void> {
  await expect(act()).rejects.toMatchObject({ code });
}
