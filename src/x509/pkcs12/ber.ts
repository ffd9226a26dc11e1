import { DerError, DerLimitError } from '../der/error.ts';
import { DER_LIMITS } from '../der/limits.ts';
import { Tag } from '../der/tags.ts';

/** One element in DER: its identifier octets and what is inside. */
interface Element {
  readonly identifier: Buffer;
  readonly content: Buffer;
}

const CONSTRUCTED = 0x20;
const LONG_TAG = 0x1f;
const INDEFINITE = 0x80;
/** Identifier octet of an OCTET STRING in parts (X.690 §8.7.3). */
const CONSTRUCTED_OCTET_STRING = Tag.OctetString | CONSTRUCTED;
const END_OF_CONTENTS = 0;
/** Lengths may be padded, but nobody writes more than this. */
const MAX_LENGTH_OCTETS = 8;

/**
 * Rewrites one element of BER (X.690 §8) so that a reader of DER can take it: definite lengths in their shortest form, OCTET STRINGs
 * in one piece. What else DER asks for (the order of a SET OF, the form of a BOOLEAN) is left as it is, as is all that OCTET STRINGs hold.
 * @returns a copy.
 * @throws DerError where it is no BER or something follows it; DerLimitError for too many or too deep elements.
 */
export function normalizeBer(ber: Buffer): Buffer {
  const walk = new BerWalk(ber);
  const element = walk.readElement(0);
  if (element === null || !walk.done) throw new DerError('extra data');
  return encode(element);
}

/** Whether the octets look like one SEQUENCE of BER from the first to the last. What is inside isn't looked at. */
export function spansOneSequence(octets: Buffer): boolean {
  if (octets.length < 2 || octets.readUInt8(0) !== Tag.Sequence) return false;
  try {
    const walk = new BerWalk(octets, 1);
    const length = walk.readLength();
    return length === null ? octets.length >= 4 && octets.readUInt16BE(octets.length - 2) === 0 : walk.left === length;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

class BerWalk {
  readonly #bytes: Buffer;
  #position: number;
  #elements: number = DER_LIMITS.DER_ELEMENTS;

  constructor(bytes: Buffer, position = 0) {
    if (bytes.length > DER_LIMITS.DER_BYTES) throw new DerLimitError('DER_BYTES');
    this.#bytes = bytes;
    this.#position = position;
  }

  get left(): number {
    return this.#bytes.length - this.#position;
  }

  get done(): boolean {
    return this.left === 0;
  }

  /** The next element; null for the end-of-contents octets. */
  readElement(depth: number): Element | null {
    if (depth > DER_LIMITS.DER_DEPTH) throw new DerLimitError('DER_DEPTH');
    if (--this.#elements < 0) throw new DerLimitError('DER_ELEMENTS');
    const identifier = this.#readIdentifier();
    const tag = identifier.readUInt8(0);
    const length = this.readLength();
    if (tag === END_OF_CONTENTS) {
      if (length !== 0) throw new DerError('end-of-contents octets that hold something');
      return null;
    }
    if ((tag & CONSTRUCTED) !== 0) return assemble(identifier, this.#readMembers(length, depth + 1));
    if (length === null) throw new DerError('a primitive element of indefinite length');
    return { identifier, content: this.#take(length) };
  }

  /** Length octets (X.690 §8.1.3); null where the length is indefinite. */
  readLength(): number | null {
    const first = this.#take(1).readUInt8(0);
    if (first === INDEFINITE) return null;
    if (first < INDEFINITE) return first;
    const octets = this.#take(first & 0x7f);
    if (octets.length > MAX_LENGTH_OCTETS) throw new DerError('a length of too many octets');
    const length = Number(`0x${octets.toString('hex')}`);
    if (length > this.left) throw new DerError('an element is longer than what holds it');
    return length;
  }

  #readIdentifier(): Buffer {
    const start = this.#position;
    const tag = this.#take(1).readUInt8(0);
    if ((tag & LONG_TAG) === LONG_TAG) while (this.#take(1).readUInt8(0) >= 0x80);
    return this.#bytes.subarray(start, this.#position);
  }

  #readMembers(length: number | null, depth: number): Element[] {
    const end = length === null ? null : this.#position + length;
    const members: Element[] = [];
    while (end === null || this.#position < end) {
      const member = this.readElement(depth);
      if (member !== null) members.push(member);
      else if (end === null) return members;
      else throw new DerError('end-of-contents octets in an element of definite length');
    }
    if (this.#position !== end) throw new DerError('an element is longer than what holds it');
    return members;
  }

  #take(count: number): Buffer {
    if (count > this.left) throw new DerError('an element is cut off');
    const start = this.#position;
    this.#position += count;
    return this.#bytes.subarray(start, this.#position);
  }
}

function assemble(identifier: Buffer, members: readonly Element[]): Element {
  const tag = identifier.readUInt8(0);
  if (tag !== CONSTRUCTED_OCTET_STRING) return { identifier, content: Buffer.concat(members.map(encode)) };
  if (members.some((part) => part.identifier.readUInt8(0) !== Tag.OctetString)) {
    throw new DerError('an OCTET STRING in parts of another type');
  }
  return { identifier: Buffer.from([Tag.OctetString]), content: Buffer.concat(members.map(({ content }) => content)) };
}

function encode({ identifier, content }: Element): Buffer {
  return Buffer.concat([identifier, encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < INDEFINITE) return Buffer.from([length]);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  const minimal = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.from([INDEFINITE | minimal.length]), minimal]);
}
