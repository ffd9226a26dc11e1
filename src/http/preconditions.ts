import type { IncomingHttpHeaders } from 'node:http';
import { includesStrongly, includesWeakly, parseTagList } from './entity-tag.ts';
import { parseHttpDate } from './http-date.ts';

/** What a representation that is there is told by. */
export interface Validators {
  /** With its quotes. */
  readonly entityTag: string;
  /** Undefined where nobody knows. */
  readonly lastModified: Date | undefined;
}

/** `failed` is 412, `not-modified` 304. */
export type PreconditionVerdict = 'met' | 'failed' | 'not-modified';

export interface ConditionalRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Judges the preconditions of a request against a representation that is there, in the order of RFC 9110 §13.2.2. A list of tags that
 * can't be read lets no write through, and withholds nothing from a read; a date that is none is passed over (§13.1.3, §13.1.4).
 *
 * Written here, since what there is on npm (`fresh`) knows reads alone.
 *
 * @param now by which dates of the obsolete form with two digits for the year are read
 */
export function judgePreconditions(request: ConditionalRequest, current: Validators, now: Date): PreconditionVerdict {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isExpectedState(request.headers, current, now)) {
    return 'failed';
  }
  const isKnown = isRead ? isKnownToReader(request.headers, current, now) : isRuledOut(request.headers, current);
  return isKnown ? (isRead ? 'not-modified' : 'failed') : 'met';
}

/** Steps 1 and 2. */
function isExpectedState(headers: IncomingHttpHeaders, { entityTag, lastModified }: Validators, now: Date): boolean {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    const list = parseTagList(ifMatch);
    return list !== undefined && includesStrongly(list, entityTag);
  }
  const date = dateIn(headers['if-unmodified-since'], now);
  return date === undefined || lastModified === undefined || secondsOf(lastModified) <= secondsOf(date);
}

/** Steps 3 and 4 of GET and HEAD. */
function isKnownToReader(headers: IncomingHttpHeaders, { entityTag, lastModified }: Validators, now: Date): boolean {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    const list = parseTagList(ifNoneMatch);
    return list !== undefined && includesWeakly(list, entityTag);
  }
  const date = dateIn(headers['if-modified-since'], now);
  return date !== undefined && lastModified !== undefined && secondsOf(lastModified) <= secondsOf(date);
}

/** Step 3 of every other method. */
function isRuledOut(headers: IncomingHttpHeaders, { entityTag }: Validators): boolean {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch === undefined) {
    return false;
  }
  const list = parseTagList(ifNoneMatch);
  return list === undefined || includesWeakly(list, entityTag);
}

function dateIn(value: string | undefined, now: Date): Date | undefined {
  return value === undefined ? undefined : parseHttpDate(value, now);
}

/** Dates in headers have no finer ones. */
function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
