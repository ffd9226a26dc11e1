/** Identifier octets (X.690 §8.1.2): class, the constructed bit and the number in one, as they stand in the encoding. */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  ObjectIdentifier: 0x06,
  Utf8String: 0x0c,
  NumericString: 0x12,
  PrintableString: 0x13,
  T61String: 0x14,
  Ia5String: 0x16,
  UtcTime: 0x17,
  GeneralizedTime: 0x18,
  VisibleString: 0x1a,
  UniversalString: 0x1c,
  BmpString: 0x1e,
  Sequence: 0x30,
  Set: 0x31,
} as const;

/** Stands for every tag in the long form (number 31 and above): nothing here expects one, so they need not be told apart. */
export const LONG_FORM = -1;

/** Identifier octet of a context-specific tag that is primitive, as IMPLICIT tagging of a primitive type gives. */
export const contextPrimitive = (number: number): number => 0x80 | number;

/** Identifier octet of a context-specific tag that is constructed, as EXPLICIT tagging and IMPLICIT of a SEQUENCE or SET give. */
export const contextConstructed = (number: number): number => 0xa0 | number;
