import { setImmediate } from 'node:timers/promises';

/** Written in one go, the largest page would keep everybody else waiting. */
const IN_ONE_GO = 100;

/**
 * The members of a JSON array, with commas between them and without brackets; others get their turn in between. As octets (UTF-8): of
 * certificates with many names a page is longer than any string.
 *
 * @param render what JSON is to hold of an item
 */
export async function jsonMembers<T>(items: readonly T[], render: (item: T) => object): Promise<Buffer[]> {
  const written: Buffer[] = [];
  for (let start = 0; start < items.length; start += IN_ONE_GO) {
    const members = items.slice(start, start + IN_ONE_GO).map((item) => JSON.stringify(render(item)));
    written.push(Buffer.from(`${start === 0 ? '' : ','}${members.join(',')}`));
    await setImmediate();
  }
  return written;
}
