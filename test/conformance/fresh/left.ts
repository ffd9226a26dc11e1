import type { Recorded } from '../replay.ts';
import { blocksIn } from './pem.ts';
import { describedPairs, recordedNames, textsOf } from './read.ts';

/** Shorter names occur by chance in words that aren't names. */
const WORD_LENGTH = 5;

/** What a server could recognise of a recording in one that was made anew of it: names, fingerprints, subjects, certificates and keys. */
export function recordedLeft(recorded: readonly Recorded[], fresh: readonly Recorded[]): string[] {
  const texts = new Set(fresh.flatMap(textsOf));
  const names = [...recordedNames(recorded).names];
  const freshNames = recordedNames(fresh).names;
  const marks = [...names.filter(isLongWord), ...describedMarks(recorded)];
  const blocks = new Set(
    fresh
      .flatMap(textsOf)
      .flatMap(blocksIn)
      .map(({ base64 }) => base64),
  );
  return [
    ...names.filter((name) => freshNames.has(name)),
    ...marks.filter((mark) => [...texts].some((text) => hasWord(text, mark))),
    ...recordedBlocks(recorded).filter((block) => blocks.has(block)),
  ];
}

function describedMarks(recorded: readonly Recorded[]): string[] {
  const pairs = recorded.flatMap(({ expect }) => describedPairs(expect.json));
  const marks = pairs.flatMap((pair) => [
    pair.fingerprint_sha256,
    pair.fingerprint_sha1,
    pair.cert_expiry,
    pair.cert_subject,
    isLongWord(pair.name) ? pair.name : '',
  ]);
  return [...new Set(marks)].filter((mark) => mark !== '' && mark !== '<volatile>');
}

/** Blocks that are too short hold no certificate and no key. */
function recordedBlocks(recorded: readonly Recorded[]): string[] {
  const blocks = recorded.flatMap(textsOf).flatMap(blocksIn);
  return [...new Set(blocks.map(({ base64 }) => base64))].filter((base64) => base64.length >= 60);
}

function isLongWord(name: string): boolean {
  return name.length >= WORD_LENGTH && /\p{L}/u.test(name);
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text.charAt(at - 1), text.charAt(at + word.length)];
    if (!/[\p{L}\p{Nd}]/u.test(before) && !/[\p{L}\p{Nd}]/u.test(after)) {
      return true;
    }
  }
  return false;
}
