import { DerError, DerLimitError } from './error.ts';
import { DER_LIMITS } from './limits.ts';
import { LONG_FORM } from './tags.ts';

/** One tag-length-value. `content` and `encoded` are views on the input, not copies. */
export interface DerElement {
  /** Identifier octet, or LONG_FORM. */
  readonly tag: number;
  readonly content: Buffer;
  /** Tag and length included. */
  readonly encoded: Buffer;
}

/** How much may still be walked. */
export interface Budget {
  elements: number;
}

/** The budget of one input, or of several that are read one after the other. */
export const fullBudget = (): Budget => ({ elements: DER_LIMITS.DER_ELEMENTS });

/**
 * A forward-only reader of DER that is exactly as strict as the parser pyca uses (rust-asn1): definite and minimal lengths of
 * at most four octets, minimal tags. node-forge's `fromDer` can't stand in for it: it takes indefinite and padded lengths,
 * misreads tags of the long form, and its tree no longer shows how anything was encoded, which is what pyca's verdict is about.
 */
export class DerReader {
  readonly #bytes: Buffer;
  readonly #budget: Budget;
  readonly #depth: number;
  #position = 0;

  private constructor(bytes: Buffer, budget: Budget, depth: number) {
    if (depth > DER_LIMITS.DER_DEPTH) throw new DerLimitError('DER_DEPTH');
    this.#bytes = bytes;
    this.#budget = budget;
    this.#depth = depth;
  }

  /** A reader at the start of `bytes`. */
  static of(bytes: Buffer, budget = fullBudget()): DerReader {
    if (bytes.length > DER_LIMITS.DER_BYTES) throw new DerLimitError('DER_BYTES');
    return new DerReader(bytes, budget, 0);
  }

  get done(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** The tag of the next element without reading it; null at the end and where no well-formed tag stands. */
  peek(): number | null {
    if (this.done) return null;
    const octet = this.#bytes.readUInt8(this.#position);
    if ((octet & 0x1f) !== 0x1f) return octet;
    return longTagEnd(this.#bytes, this.#position + 1) === null ? null : LONG_FORM;
  }

  /** The next element, whatever it is. */
  read(): DerElement {
    if (--this.#budget.elements < 0) throw new DerLimitError('DER_ELEMENTS');
    const start = this.#position;
    const tag = this.peek();
    if (tag === null) throw new DerError('no well-formed tag');
    const lengthAt = tag === LONG_FORM ? longTagEnd(this.#bytes, start + 1) : start + 1;
    const { length, contentAt } = readLength(this.#bytes, lengthAt ?? start + 1);
    const end = contentAt + length;
    if (end > this.#bytes.length) throw new DerError('an element is longer than what holds it');
    this.#position = end;
    return { tag, content: this.#bytes.subarray(contentAt, end), encoded: this.#bytes.subarray(start, end) };
  }

  /** The next element, which must have this tag. */
  expect(tag: number): DerElement {
    const element = this.read();
    if (element.tag !== tag) throw new DerError(`a tag other than 0x${tag.toString(16)}`);
    return element;
  }

  /** The next element if it has this tag; otherwise null, and nothing is read. */
  optional(tag: number): DerElement | null {
    return this.peek() === tag ? this.read() : null;
  }

  /** The bytes that are still to be read. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#position);
  }

  /** A reader of what is inside `element`, drawing on the same budget. */
  inside(element: DerElement): DerReader {
    return new DerReader(element.content, this.#budget, this.#depth + 1);
  }

  /** Reads the next element, which must have this tag, by `parse`; all of its content must be used. */
  enter<T>(tag: number, parse: (reader: DerReader) => T): T {
    const reader = this.inside(this.expect(tag));
    const value = parse(reader);
    reader.finish();
    return value;
  }

  /** As `enter`, or null where the next element has another tag. */
  enterOptional<T>(tag: number, parse: (reader: DerReader) => T): T | null {
    return this.peek() === tag ? this.enter(tag, parse) : null;
  }

  /** Nothing may be left over. */
  finish(): void {
    if (!this.done) throw new DerError('extra data');
  }
}

/**
 * Reads `der` as one element by `parse`, with nothing after it.
 * @throws DerError where the bytes or `parse` refuse.
 */
export function parseDer<T>(der: Buffer, parse: (reader: DerReader) => T, budget?: Budget): T {
  const reader = DerReader.of(der, budget);
  const value = parse(reader);
  reader.finish();
  return value;
}

/** Where a long-form tag number that starts at `position` ends; null if it is cut off, padded, below 31 or beyond 32 bits. */
function longTagEnd(bytes: Buffer, position: number): number | null {
  let number = 0;
  for (let index = position; index < bytes.length; index++) {
    const octet = bytes.readUInt8(index);
    if (index === position && octet === 0x80) return null;
    number = number * 128 + (octet & 0x7f);
    if (number > 0xffff_ffff) return null;
    if (octet < 0x80) return number < 0x1f ? null : index + 1;
  }
  return null;
}

/** X.690 §10.1: the shortest form only. */
function readLength(bytes: Buffer, position: number): { length: number; contentAt: number } {
  if (position >= bytes.length) throw new DerError('a length is missing');
  const first = bytes.readUInt8(position);
  if (first < 0x80) return { length: first, contentAt: position + 1 };
  const octets = first & 0x7f;
  if (octets < 1 || octets > 4) throw new DerError('a length is indefinite or too long');
  if (position + 1 + octets > bytes.length) throw new DerError('a length is cut off');
  const length = bytes.readUIntBE(position + 1, octets);
  if (length < (octets === 1 ? 0x80 : 256 ** (octets - 1))) throw new DerError('a length is not in its shortest form');
  return { length, contentAt: position + 1 + octets };
}
