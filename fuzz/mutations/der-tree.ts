/** A mutable element of DER; lengths are not kept but made when it is encoded again. */
export interface DerNode {
  /** The identifier octets; one, except in the long form. */
  identifier: Buffer;
  /** How its length is written. Only `shortest` is DER. */
  form: 'shortest' | 'padded' | 'indefinite';
  /** Content octets of an element that holds no others. */
  content: Buffer;
  /** What it holds. Also of an OCTET STRING or a BIT STRING that holds DER: extensions and keys stand in such. */
  children: DerNode[] | null;
  /** What stands before the children: the count of unused bits of a BIT STRING. */
  lead: Buffer;
}

/** Where an element stands. */
export interface Site {
  readonly node: DerNode;
  /** Null of the root. */
  readonly siblings: DerNode[] | null;
}

const CONSTRUCTED = 0x20;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const NO_OCTETS = Buffer.alloc(0);

/** Reads sound DER as a tree; null where there is none. */
export function readTree(der: Buffer): DerNode | null {
  const nodes = readAll(der);
  return nodes?.length === 1 ? (nodes[0] ?? null) : null;
}

/** DER, or what comes near it, with lengths that fit. */
export function encodeTree(node: DerNode): Buffer {
  const body = node.children === null ? node.content : Buffer.concat([node.lead, ...node.children.map(encodeTree)]);
  if (node.form === 'indefinite') {
    return Buffer.concat([node.identifier, Buffer.from([0x80]), body, Buffer.alloc(2)]);
  }
  return Buffer.concat([node.identifier, encodeLength(body.length, node.form === 'padded'), body]);
}

/** Every element, the root first. */
export function sitesOf(root: DerNode): Site[] {
  const sites: Site[] = [{ node: root, siblings: null }];
  // Grows while it is walked.
  for (const { node } of sites) {
    for (const child of node.children ?? []) sites.push({ node: child, siblings: node.children });
  }
  return sites;
}

export function copyTree(node: DerNode): DerNode {
  return { ...node, children: node.children?.map(copyTree) ?? null };
}

/** An element that holds no others. */
export function leaf(tag: number, content: Buffer): DerNode {
  return { identifier: Buffer.from([tag]), form: 'shortest', content, children: null, lead: NO_OCTETS };
}

function readAll(der: Buffer): DerNode[] | null {
  const nodes: DerNode[] = [];
  let position = 0;
  while (position < der.length) {
    const head = readHead(der, position);
    if (head === null) return null;
    const content = der.subarray(head.contentAt, head.end);
    const tag = der[position] ?? 0;
    nodes.push({ ...leaf(tag, content), ...readChildren(tag, content) });
    position = head.end;
  }
  return nodes;
}

function readChildren(tag: number, content: Buffer): Pick<DerNode, 'children' | 'lead'> {
  if ((tag & CONSTRUCTED) !== 0) return { children: readAll(content), lead: NO_OCTETS };
  const leadLength = tag === BIT_STRING ? 1 : 0;
  const inside = content.subarray(leadLength);
  const mayHold = (tag === BIT_STRING || tag === OCTET_STRING) && inside.length > 2;
  return { children: mayHold ? readAll(inside) : null, lead: content.subarray(0, leadLength) };
}

function readHead(der: Buffer, position: number): { contentAt: number; end: number } | null {
  if (position + 2 > der.length || ((der[position] ?? 0) & 0x1f) === 0x1f) return null;
  const first = der[position + 1] ?? 0;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const contentAt = position + 2 + octets;
  if ((first >= 0x80 && (octets === 0 || octets > 4)) || contentAt > der.length) return null;
  const end = contentAt + (octets === 0 ? first : der.readUIntBE(position + 2, octets));
  return end > der.length ? null : { contentAt, end };
}

function encodeLength(length: number, isPadded: boolean): Buffer {
  if (length < 0x80 && !isPadded) return Buffer.from([length]);
  const digits = length.toString(16);
  const octets = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  const padded = isPadded && length >= 0x80 ? Buffer.concat([Buffer.alloc(1), octets]) : octets;
  return Buffer.concat([Buffer.from([0x80 | padded.length]), padded]);
}
