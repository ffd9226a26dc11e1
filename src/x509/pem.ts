import { decodeBase64 } from './base64.ts';
import { BeyondLimits } from './errors.ts';
import { LIMITS } from './limits.ts';

/** One `-----BEGIN label-----` … `-----END label-----`. */
export interface PemBlock {
  readonly label: string;
  /** RFC 1421 headers in order, each with a colon. Not taken apart: there may be half a million of them, and hardly anybody asks. */
  readonly headers: readonly string[];
  readonly der: Buffer;
}

/** The text is no well-formed sequence of PEM blocks. Internal: callers see it as the cause of our own errors. */
export class PemError extends Error {
  override readonly name = 'PemError';
}

/** Where one block's parts lie in the text. */
export interface PemSpan {
  readonly label: string;
  readonly endLabel: string;
  /** Between the BEGIN line and the END line. */
  readonly payload: string;
  /** Of the first dash of BEGIN, and of the first character after the END line's dashes. */
  readonly start: number;
  readonly end: number;
}

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
const HIGH_OR_LOW_SURROGATE = /\p{Surrogate}/u;

/**
 * Reads all PEM blocks of a text as pem-rs 3.x does, which pyca uses (contract §1.3): what stands between blocks is ignored;
 * a block that isn't closed ends the reading; anything else wrong in any block refuses the whole text.
 * @param text any text; may be large, is walked once.
 * @throws PemError for an empty or mismatched label, a header without a colon, base64 that is not canonical; BeyondLimits for too
 * many blocks.
 */
export function readPem(text: string): PemBlock[] {
  // Python's str.encode() fails on lone surrogates.
  if (HIGH_OR_LOW_SURROGATE.test(text)) throw new PemError('the text is not well-formed Unicode');
  return findPem(text).map(decodeSpan);
}

/**
 * The spans of all closed blocks, without a look at what they hold.
 * @throws BeyondLimits as soon as there are too many: a megabyte has room for 30,000 empty ones
 */
export function findPem(text: string): PemSpan[] {
  const spans: PemSpan[] = [];
  let position = 0;
  for (;;) {
    const span = nextSpan(text, position);
    if (span === null) return spans;
    if (spans.length === LIMITS.PEM_BLOCKS) throw new BeyondLimits('PEM_BLOCKS');
    spans.push(span);
    position = span.end;
  }
}

/** Whether a block is a certificate's: `CERTIFICATE`, or the older `X509 CERTIFICATE` (RFC 7468 §5.1). */
export function isCertificateLabel(label: string): boolean {
  return label === 'CERTIFICATE' || label === 'X509 CERTIFICATE';
}

/**
 * Wraps DER in PEM: 64 columns, LF, a trailing newline (RFC 7468 §2).
 * @param label for example `CERTIFICATE`.
 */
export function writePem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`${BEGIN}${label}${DASHES}`, ...lines, `${END}${label}${DASHES}`, ''].join('\n');
}

function nextSpan(text: string, from: number): PemSpan | null {
  const labelAt = after(text, BEGIN, from, text.length);
  const payloadAt = labelAt === null ? null : after(text, DASHES, labelAt, text.length);
  const endLabelAt = payloadAt === null ? null : after(text, END, payloadAt, text.length);
  const end = endLabelAt === null ? null : after(text, DASHES, endLabelAt, text.length);
  if (labelAt === null || payloadAt === null || endLabelAt === null || end === null) return null;
  return {
    label: text.slice(labelAt, payloadAt - DASHES.length),
    endLabel: text.slice(endLabelAt, end - DASHES.length),
    payload: text.slice(payloadAt, endLabelAt - END.length),
    start: labelAt - BEGIN.length,
    end,
  };
}

function decodeSpan({ label, endLabel, payload }: PemSpan): PemBlock {
  if (label === '') throw new PemError('a block has no label');
  if (label !== endLabel) throw new PemError('the labels of BEGIN and END differ');
  const { headers, data } = splitHeaders(skipBlanks(payload));
  const der = decodeBase64(data);
  if (der === null) throw new PemError('a block holds something else than canonical base64');
  return { label, headers: readHeaders(headers), der };
}

/** pem-rs: all before the first blank line are headers, so that a blank line inside the base64 makes headers of base64. */
function splitHeaders(payload: string): { headers: string; data: string } {
  for (const blankLine of ['\n\n', '\r\n\r\n']) {
    const dataAt = after(payload, blankLine, 0, payload.length);
    if (dataAt !== null) return { headers: payload.slice(0, dataAt - blankLine.length), data: payload.slice(dataAt) };
  }
  return { headers: '', data: payload };
}

/** As Rust's str::lines: there is no line after the last line feed. */
function readHeaders(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (!lines.every((line) => line.includes(':'))) throw new PemError('a header has no colon');
  return lines;
}

function skipBlanks(text: string): string {
  let start = 0;
  while (' \t\n\r'.includes(text.charAt(start)) && start < text.length) start++;
  return text.slice(start);
}

/**
 * The index after the first `marker`, as pem-rs finds it: after a mismatch it goes on behind the character that didn't match, so
 * that a sixth dash before `BEGIN` hides the marker. `indexOf` would find it.
 */
function after(text: string, marker: string, from: number, to: number): number | null {
  const first = marker.charAt(0);
  let matched = 0;
  for (let index = from; index < to; index++) {
    // Most of a text is base64, without a dash: what can't begin the marker is passed over at once.
    if (matched === 0) index = text.indexOf(first, index);
    if (index === -1) return null;
    matched = text.charCodeAt(index) === marker.charCodeAt(matched) ? matched + 1 : 0;
    if (matched === marker.length) return index + 1;
  }
  return null;
}
