import { z } from 'zod';
import { type AuthenticatedTexts, digestOf } from '../../http/index.ts';
import { keypairIdOf, type TrustCursor } from '../../keypairs/index.ts';

/** Where a walk through a list goes on. */
export interface Continuation {
  readonly after: TrustCursor;
  /** When states are judged: when the walk began. */
  readonly at: Date;
}

/** What a walk is a walk of. Whoever asks for something else starts anew; pages may differ in their length. */
export interface Walk {
  readonly account: string;
  /** Each as it was written. */
  readonly filters: readonly string[];
  readonly include: string | undefined;
  readonly orderBy: string | undefined;
}

/** Of the content: another one gets another number. */
const FORMAT = 1;

const content = z.tuple([
  z.literal(FORMAT),
  z.string().describe('The digest of the walk'),
  z.string().describe('What the last certificate is ordered by'),
  z.string().describe('The id of the last certificate'),
  z.int().describe('When the walk began, in milliseconds since 1970'),
]);

/** The token by which a walk goes on (contract §3.6): base64, small whatever is filtered by. */
export function continueToken(texts: AuthenticatedTexts, walk: Walk, { after, at }: Continuation): string {
  return texts.protect(JSON.stringify([FORMAT, digestOfWalk(walk), after.value, after.id, at.getTime()]));
}

/**
 * What {@link continueToken} was given.
 *
 * @returns undefined for a token that nobody was given, that was altered, or is of another walk
 */
export function continuationOf(texts: AuthenticatedTexts, walk: Walk, token: string): Continuation | undefined {
  // A plus sign that stands in an address as it is arrives as a blank, which is in no base64.
  const recovered = texts.recover(token.replaceAll(' ', '+'));
  if (recovered === undefined) {
    return undefined;
  }
  const { data } = content.safeParse(JSON.parse(recovered));
  if (data === undefined) {
    return undefined;
  }
  const [, digest, value, written, at] = data;
  const id = keypairIdOf(written);
  return id === undefined || digest !== digestOfWalk(walk) ? undefined : { after: { value, id }, at: new Date(at) };
}

function digestOfWalk({ account, filters, include, orderBy }: Walk): string {
  return digestOf(JSON.stringify([account, filters, include ?? null, orderBy ?? null]));
}
