import type { Recorded } from '../replay.ts';
import { replaceScalars } from './json-text.ts';
import { isNameable, type RecordedNames } from './names.ts';
import { replaceParameters } from './query.ts';

/** The members of a body that hold a keypair's name. */
export const NAME_MEMBERS: readonly string[] = ['name', 'common_name'];

/** The text of a step's body; undefined without one, and for bytes that aren't JSON. */
export function bodyText(step: Recorded): string | undefined {
  if (step.body_base64 === undefined) {
    return step.body;
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(step.body_base64, 'base64'));
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

/** All names that a recording gives to keypairs or asks for, and what it searches for. */
export function recordedNames(steps: readonly Recorded[]): RecordedNames {
  const names = new Set<string>();
  const numbers = new Set<string>();
  const searches = new Set<string>();
  const addName = (name: string) => isNameable(name) && names.add(name.trim());
  for (const step of steps) {
    replaceScalars(bodyText(step) ?? '', (key, literal) => {
      if (NAME_MEMBERS.includes(key ?? '')) {
        addName(literal.startsWith('"') ? (JSON.parse(literal) as string) : literal);
        if (!literal.startsWith('"')) {
          numbers.add(literal);
        }
      }
      return literal;
    });
    replaceParameters(step.path, (name, value) => {
      if (name === 'name') {
        addName(value);
      } else if (name === 'search') {
        searches.add(value);
      }
      return value;
    });
  }
  return { names, numbers, searches };
}

/** An object of an answer that describes a keypair. */
export interface DescribedPair {
  readonly name: string;
  readonly fingerprint_sha256: string;
  readonly fingerprint_sha1: string;
  readonly cert_expiry: string;
  readonly cert_subject: string;
}

/** Whether a value of an answer describes a keypair. */
export function isDescribedPair(value: unknown): value is DescribedPair {
  return (
    typeof value === 'object' && value !== null && 'pk' in value && 'fingerprint_sha256' in value && 'name' in value
  );
}

/** The descriptions of keypairs that an answer holds, at any depth. */
export function describedPairs(value: unknown): DescribedPair[] {
  if (isDescribedPair(value)) {
    return [value];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(describedPairs) : [];
}

/** All texts in a value, at any depth. */
export function leafTexts(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leafTexts) : [];
}

/** All texts of a step that are sent or expected. */
export function textsOf(step: Recorded): string[] {
  const texts = [...leafTexts(step.expect)];
  replaceScalars(bodyText(step) ?? '', (_key, literal) => {
    texts.push(literal.startsWith('"') ? (JSON.parse(literal) as string) : literal);
    return literal;
  });
  replaceParameters(step.path, (_name, value) => {
    texts.push(value);
    return value;
  });
  return texts;
}
