import type { DescribedError } from './described-error.ts';

/** What goes into the thread. */
export interface Order {
  readonly task: string;
  readonly input: unknown;
}

/** What comes out of it: first of all `READY`, then one answer to each order. */
export type Answer = { readonly output: unknown } | { readonly error: DescribedError };

export const READY = 'ready';

/** A value that can cross the border, and what of it goes over without being copied again. */
export interface Parcel {
  readonly content: unknown;
  readonly transfer: ArrayBuffer[];
}

/**
 * Makes a value ready for `postMessage`: each Buffer in it becomes a copy with memory of its own, which is handed over. Left to itself
 * `postMessage` would copy the whole slab of memory that a small Buffer stands in, with other callers' secrets beside it.
 * @param value of arrays, plain objects, Buffers, and whatever else structured clone takes as it is (texts, numbers, Dates …)
 */
export function pack(value: unknown): Parcel {
  const transfer: ArrayBuffer[] = [];
  const content = mapBytes(value, (bytes) => {
    const copy = new Uint8Array(bytes);
    transfer.push(copy.buffer);
    return copy;
  });
  return { content, transfer };
}

/** What `pack` was given. */
export function unpack(content: unknown): unknown {
  return mapBytes(content, ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
}

/** Overwrites the Buffers in a value with zeros. Texts can't be: they stay until the engine reuses their memory. */
export function wipe(value: unknown): void {
  mapBytes(value, (bytes) => bytes.fill(0));
}

function mapBytes(value: unknown, map: (bytes: Uint8Array) => Uint8Array): unknown {
  if (value instanceof Uint8Array) {
    return map(value);
  }
  if (Array.isArray(value)) {
    return value.map((member) => mapBytes(member, map));
  }
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapBytes(member, map)]));
  }
  return value;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
