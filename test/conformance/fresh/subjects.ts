import { drawUntil, keepsOrder, type Random } from './random.ts';

/** The new text, of the same length, for a text that stands in a certificate's subject or issuer. */
export type FreshText = (text: string) => string;

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

/**
 * Draws another letter for each letter and another digit for each digit, such that the given subjects (RFC 4514) keep their order.
 *
 * @throws Error when no draw keeps the order
 */
export function drawSubjectLetters(subjects: ReadonlySet<string>, random: Random): FreshText {
  const before = [...subjects];
  return drawUntil(
    'subjects in the recorded order',
    () => substitution(derangement(LOWER, random), derangement(DIGITS, random)),
    (fresh) =>
      keepsOrder(
        before,
        before.map((subject) => freshSubject(subject, fresh)),
      ),
  );
}

/** The subject that pyca writes for the certificate whose values were made anew: the types and the escapes stay. */
export function freshSubject(subject: string, fresh: FreshText): string {
  return subject.replaceAll(/((?:^|[,+])[A-Za-z0-9.]+=)((?:\\.|[^\\,+])*)/gy, (_whole, type: string, value: string) =>
    // A value after a bare # is the DER of something that isn't text.
    value.startsWith('#') ? type + value : type + freshValue(value, fresh),
  );
}

function freshValue(value: string, fresh: FreshText): string {
  return value.replaceAll(/\\(?:[0-9A-Fa-f]{2}|.)|[^\\]+/g, (part) => (part.startsWith('\\') ? part : fresh(part)));
}

/** The text of an attribute's value as RFC 4514, section 2.4, escapes it. */
export function escapeValue(value: string): string {
  return value
    .replaceAll(/[\\,+"<>;]/g, String.raw`\$&`)
    .replaceAll('\0', String.raw`\00`)
    .replace(/^[# ]/, String.raw`\$&`)
    .replace(/(?<=.) $/, String.raw`\ `);
}

function substitution(lower: string, digits: string): FreshText {
  const table = new Map<string, string>();
  for (const [index, letter] of [...LOWER].entries()) {
    table.set(letter, lower.charAt(index));
    table.set(letter.toUpperCase(), lower.charAt(index).toUpperCase());
  }
  for (const [index, digit] of [...DIGITS].entries()) {
    table.set(digit, digits.charAt(index));
  }
  return (text) => text.replaceAll(/[A-Za-z0-9]/g, (character) => table.get(character) ?? character);
}

/** An order of the characters in which none stands in its own place. */
function derangement(characters: string, random: Random): string {
  return drawUntil(
    'an order without a fixed place',
    () => {
      const left = [...characters];
      return [...characters].map(() => left.splice(random(left.length), 1)[0] ?? '').join('');
    },
    (drawn) => [...drawn].every((character, index) => character !== characters[index]),
  );
}
