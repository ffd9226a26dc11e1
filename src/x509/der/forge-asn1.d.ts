// @types/node-forge types the whole package only. This one file of it loads in a sixth of the time of the whole.
declare module 'node-forge/lib/asn1.js' {
  import type { asn1 as Whole } from 'node-forge';

  interface Options {
    strict: boolean;
    parseAllBytes: boolean;
    decodeBitStrings: boolean;
  }
  // The published types know only a boolean here, which can't turn the decoding of bit strings off.
  const asn1: Omit<typeof Whole, 'fromDer'> & { fromDer(bytes: string, options: Options): Whole.Asn1 };
  export default asn1;
}
