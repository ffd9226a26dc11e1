import { decodeBitString } from '../der/bit-string.ts';
import { readObjectIdentifier } from '../der/object-identifier.ts';
import { Tag } from '../der/tags.ts';
import { type Extension, interpret } from '../extensions.ts';
import { KEY_USAGES, type KeyUsage } from '../issuing/key-usages.ts';
import { Oid } from '../oids.ts';

/** keyUsage (RFC 5280 §4.2.1.3) in the order of its bits; null without a readable extension. */
export function readKeyUsage(extensions: readonly Extension[]): KeyUsage[] | null {
  return interpret(extensions, Oid.keyUsage, (reader) => {
    const octets = decodeBitString(reader.expect(Tag.BitString).content);
    return KEY_USAGES.filter((_, bit) => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
  });
}

/** extKeyUsage (RFC 5280 §4.2.1.12), dotted; null without a readable extension. */
export function readExtendedKeyUsage(extensions: readonly Extension[]): string[] | null {
  return interpret(extensions, Oid.extendedKeyUsage, (reader) =>
    reader.enter(Tag.Sequence, (inner) => {
      const purposes: string[] = [];
      while (!inner.done) purposes.push(readObjectIdentifier(inner));
      return purposes;
    }),
  );
}
