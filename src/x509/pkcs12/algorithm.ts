import type { AlgorithmIdentifier } from '../algorithm-identifier.ts';
import { readObjectIdentifier } from '../der/object-identifier.ts';
import type { DerReader } from '../der/reader.ts';
import { Tag } from '../der/tags.ts';

/**
 * Reads an AlgorithmIdentifier with whatever parameters. `readAlgorithmIdentifier` is as strict as pyca, which refuses for example
 * PBKDF2's hash function where it is the DEFAULT and encoded; writers of PKCS#12 files do that.
 * @throws DerError
 */
export function readAlgorithm(reader: DerReader): AlgorithmIdentifier {
  return reader.enter(Tag.Sequence, (inner) => {
    const oid = readObjectIdentifier(inner);
    const parameters = inner.rest();
    if (!inner.done) inner.read();
    return { oid, parameters };
  });
}
