import { drawUntil, keepsOrder, type Random } from './random.ts';

/** What a recording says of names: those of keypairs, those that were sent as JSON numbers, and the texts it searches for. */
export interface RecordedNames {
  readonly names: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  readonly searches: ReadonlySet<string>;
}

export interface FreshNames {
  /** The new name for a name, with the white space around it as it was. */
  rename(name: string): string;
  /** The new text for a text that is searched for in names. */
  research(text: string): string;
}

/** A generated certificate's common name is the name cut to this many characters. */
const COMMON_NAME_LENGTH = 64;

/**
 * Draws other names for all names of a recording. Each letter or digit gets a fixed partner put behind it: that keeps the byte
 * order of names, which of them are equal, and which text occurs in which name, and leaves everything else that a name was chosen
 * for (white space, quotes, `%`, `_`, NUL, other scripts) where it stands.
 *
 * @throws Error when no partners keep order and occurrence
 */
export function drawNames(recorded: RecordedNames, random: Random): FreshNames {
  return drawUntil(
    'names that stand to each other as the recorded ones do',
    () => namesWith(drawPartners(random), recorded.numbers),
    (fresh) => keepsRelations(recorded, fresh),
  );
}

function namesWith(partner: (character: string) => string, numbers: ReadonlySet<string>): FreshNames {
  const research = (text: string) => Array.from(text, (character) => character + partner(character)).join('');
  const renameTrimmed = (name: string) => {
    const longer = numbers.has(name) ? freshNumber(name, research) : research(name);
    return withinLength(name, longer);
  };
  return { research, rename: (name) => name.replace(/\S(?:.*\S)?/s, renameTrimmed) };
}

/** A name keeps the side of the length limit that it was on: one that would cross it keeps its length. */
function withinLength(name: string, longer: string): string {
  const [before, after] = [Array.from(name), Array.from(longer)];
  return after.length > COMMON_NAME_LENGTH ? after.slice(0, before.length).join('') : longer;
}

/** A number has to be written in one way only, or its text isn't the name that it becomes. */
function freshNumber(name: string, research: (text: string) => string): string {
  const longer = research(name.replace(/\.0$/, '')) + (name.endsWith('.0') ? '.0' : '');
  const value = Number(longer);
  const isWrittenOnce = Number.isSafeInteger(value)
    ? [`${value}`, `${value}.0`].includes(longer)
    : `${value}` === longer;
  return isWrittenOnce ? longer : name.replace(/\d(?=\D*$)/, (digit) => (digit === '9' ? '8' : `${Number(digit) + 1}`));
}

function drawPartners(random: Random): (character: string) => string {
  const partners = new Map<string, string>();
  return (character) => {
    if (!isNameable(character)) {
      return '';
    }
    // Both cases have one partner: a search ignores case, and must go on doing so.
    const key = character.toLowerCase();
    const partner = partners.get(key) ?? drawPartner(key, random);
    partners.set(key, partner);
    return partner;
  };
}

function drawPartner(character: string, random: Random): string {
  return /\p{Nd}/u.test(character) ? `${1 + random(9)}` : String.fromCharCode(97 + random(26));
}

function keepsRelations({ names, searches }: RecordedNames, fresh: FreshNames): boolean {
  const before = [...names];
  const after = before.map(fresh.rename);
  return (
    keepsOrder(before, after) &&
    after.every((name) => name.trim() === name && !(names.has(name) && isNameable(name))) &&
    [...searches].flatMap(termsOf).every((term) => {
      const freshTerm = fresh.research(term);
      return before.every((name, index) => contains(name, term) === contains(after[index] ?? '', freshTerm));
    })
  );
}

/** Whether anything in a name can be changed at all. */
export function isNameable(name: string): boolean {
  return /[\p{L}\p{Nd}]/u.test(name);
}

function termsOf(search: string): string[] {
  return [search, ...search.split(/[\s,"']+/)].filter((term) => term !== '');
}

function contains(name: string, term: string): boolean {
  return name.toLowerCase().includes(term.toLowerCase());
}
