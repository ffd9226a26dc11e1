import { createHash } from 'node:crypto';
import type { Recorded } from '../replay.ts';
import { type FreshBlocks, renewBlocks } from './blocks.ts';
import { type RenewalRules, renewExpiry } from './certificates.ts';
import { renameInDisposition } from './disposition.ts';
import { replaceScalars, stringLiteral } from './json-text.ts';
import { drawNames, type FreshNames } from './names.ts';
import { replaceParameters } from './query.ts';
import { seededRandom } from './random.ts';
import {
  bodyText,
  type DescribedPair,
  describedPairs,
  isDescribedPair,
  NAME_MEMBERS,
  recordedNames,
  textsOf,
} from './read.ts';
import { drawSubjectLetters, escapeValue, freshSubject } from './subjects.ts';

/** What stands in place of what was recorded. */
interface Fresh {
  readonly seed: number;
  readonly names: FreshNames;
  readonly blocks: FreshBlocks;
  readonly rules: RenewalRules;
  /** By the subject of each generated certificate: the one that its new name gives. */
  readonly generatedSubjects: ReadonlyMap<string, string>;
}

const VOLATILE = '<volatile>';

/**
 * Makes a recording anew: the same requests about other names, other certificates and other keys, and the answers that follow.
 *
 * @param seed decides names, subjects and expiry; keys and serial numbers differ in each run
 * @throws Error when something recorded can't be made anew
 */
export function makeAnew(steps: readonly Recorded[], seed: number): Recorded[] {
  const random = seededRandom(seed);
  const recorded = recordedNames(steps);
  const names = drawNames(recorded, random);
  const uploaded = steps.flatMap(({ expect }) => describedPairs(expect.json)).filter((pair) => !isGenerated(pair));
  const rules = {
    text: drawSubjectLetters(new Set(uploaded.map((pair) => pair.cert_subject)), random),
    secondsEarlier: 1 + random(30 * 24 * 60 * 60),
  };
  const generatedSubjects = new Map(
    [...recorded.names].map((name) => [generatedSubject(name), generatedSubject(names.rename(name))]),
  );
  const blocks = renewBlocks(steps.flatMap(textsOf), rules);
  const fresh = { seed, names, blocks, rules, generatedSubjects };
  return steps.map((step) => renewStep(step, fresh));
}

function renewStep(step: Recorded, fresh: Fresh): Recorded {
  const { json, text, disposition } = step.expect;
  return {
    ...step,
    path: renewPath(step.path, fresh),
    ...renewBody(step, fresh),
    expect: {
      ...step.expect,
      ...(json === undefined ? {} : { json: renewJson(json, fresh) }),
      ...(text === undefined ? {} : { text: fresh.blocks.renew(text) }),
      ...(disposition === undefined ? {} : { disposition: renameInDisposition(disposition, fresh.names.rename) }),
    },
  };
}

function renewPath(path: string, { names, seed }: Fresh): string {
  return replaceParameters(path, (name, value) => {
    if (name === 'ordering' && value.includes('fingerprint')) {
      throw new Error('the order of fresh fingerprints is left to chance');
    }
    return name === 'name' ? names.rename(value) : name === 'search' ? names.research(value) : value;
  }).replaceAll(/[0-9a-f]{8}(?=-[0-9a-f]{4}-4[0-9a-f]{3}-)/gi, (part) => {
    return createHash('sha256').update(`${seed} ${part}`).digest('hex').slice(0, 8);
  });
}

function renewBody(step: Recorded, fresh: Fresh): Pick<Recorded, 'body' | 'body_base64'> {
  const body = bodyText(step);
  if (body === undefined) {
    return {};
  }
  const renewed = replaceScalars(body, (key, literal) => renewMember(key, literal, fresh));
  return step.body_base64 === undefined ? { body: renewed } : { body_base64: Buffer.from(renewed).toString('base64') };
}

function renewMember(key: string | undefined, literal: string, { names, blocks }: Fresh): string {
  const isName = NAME_MEMBERS.includes(key ?? '');
  if (!literal.startsWith('"')) {
    return isName ? names.rename(literal) : literal;
  }
  const text = JSON.parse(literal) as string;
  return stringLiteral(isName ? names.rename(text) : blocks.renew(text), literal);
}

function renewJson(value: unknown, fresh: Fresh): unknown {
  if (typeof value === 'string') {
    return fresh.blocks.renew(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => renewJson(item, fresh));
  }
  if (isDescribedPair(value)) {
    return { ...value, ...renewPair(value, fresh) };
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, renewJson(member, fresh)]));
  }
  return value;
}

function renewPair(pair: DescribedPair, fresh: Fresh): DescribedPair {
  const name = fresh.names.rename(pair.name);
  if (isGenerated(pair)) {
    const subject = fresh.generatedSubjects.get(pair.cert_subject);
    if (subject === undefined) {
      throw new Error(`no recorded name gives the subject ${pair.cert_subject}`);
    }
    return { ...pair, name, cert_subject: subject };
  }
  const fingerprints = fresh.blocks.fingerprints.get(pair.fingerprint_sha256);
  if (fingerprints === undefined) {
    throw new Error(`no recorded certificate has the fingerprint ${pair.fingerprint_sha256}`);
  }
  return {
    name,
    fingerprint_sha256: fingerprints.sha256,
    fingerprint_sha1: fingerprints.sha1,
    cert_expiry: renewExpiry(pair.cert_expiry, fresh.rules),
    cert_subject: freshSubject(pair.cert_subject, fresh.rules.text),
  };
}

function isGenerated(pair: DescribedPair): boolean {
  return pair.fingerprint_sha256 === VOLATILE;
}

/** The common name of a generated certificate is the name cut to 64 characters. */
function generatedSubject(name: string): string {
  return `OU=Self-signed,O=authentik,CN=${escapeValue(Array.from(name).slice(0, 64).join(''))}`;
}
