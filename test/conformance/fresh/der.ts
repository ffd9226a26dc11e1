/** One element of DER: where it stands in its buffer, and what is in it when it is constructed. */
export interface DerNode {
  readonly tag: number;
  readonly start: number;
  /** Where the content begins. */
  readonly body: number;
  readonly end: number;
  readonly children: readonly DerNode[];
}

export const TAG = { integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30, set: 0x31 } as const;

/**
 * Reads a buffer that holds exactly one element.
 *
 * @throws RangeError when it holds less or more, or a length that isn't DER's
 */
export function readDer(der: Buffer): DerNode {
  const node = readNode(der, 0, der.length);
  if (node.end !== der.length) {
    throw new RangeError('bytes after the element');
  }
  return node;
}

/** The content of an element, as a view of the buffer: writing to it changes the buffer. */
export function content(der: Buffer, node: DerNode): Buffer {
  return der.subarray(node.body, node.end);
}

/** The element and all elements in it, outermost first. */
export function descendants(node: DerNode): DerNode[] {
  return [node, ...node.children.flatMap(descendants)];
}

function readNode(der: Buffer, start: number, limit: number): DerNode {
  const tag = der.readUInt8(start);
  const first = der.readUInt8(start + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const body = start + 2 + lengthBytes;
  const end = body + (lengthBytes === 0 ? first : der.readUIntBE(start + 2, lengthBytes));
  if (end > limit || lengthBytes > 4) {
    throw new RangeError('a length past the end');
  }
  const children: DerNode[] = [];
  for (let at = body; (tag & 0x20) !== 0 && at < end; ) {
    const child = readNode(der, at, end);
    children.push(child);
    at = child.end;
  }
  return { tag, start, body, end, children };
}
