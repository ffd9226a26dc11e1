import type { Label } from '../../keypairs/index.ts';
import { invalidFields } from './errors.ts';

/** Of the JSON of all labels of a certificate together, in bytes of UTF-8. */
const MAX_BYTES = 16_384;

const UNSTORABLE = /[\0\p{Surrogate}]/u;

/**
 * Labels as they can be stored: their order stays.
 *
 * @throws {Problem} 9 for more than there is room for, and for texts that no database stores
 */
export function storableLabels(labels: readonly Label[]): readonly Label[] {
  if (Buffer.byteLength(JSON.stringify(labels)) > MAX_BYTES) {
    throw refused(`all together must be at most ${MAX_BYTES} bytes long as JSON`);
  }
  // One by one: two halves of a surrogate pair, side by side, would be a whole one.
  if (labels.some(({ name, value }) => UNSTORABLE.test(name) || UNSTORABLE.test(value))) {
    throw refused('must be Unicode text without U+0000');
  }
  return labels;
}

function refused(reason: string) {
  return invalidFields([{ name: 'metadata.labels', reason }]);
}
