/** One certificate, key, request or file that inputs are made of. */
export interface Seed {
  readonly name: string;
  readonly kind: SeedKind;
  /** Of its PEM block, which a PKCS#12 file has here alone. */
  readonly label: string;
  readonly der: Buffer;
}

export type SeedKind = 'certificate' | 'privateKey' | 'request' | 'pkcs12';

/** The blocks of a PEM text that openssl or node:crypto wrote, without those (such as `EC PARAMETERS`) that are of no kind. */
export function seedsOf(name: string, text: string): Seed[] {
  const blocks = text.matchAll(/-----BEGIN ([^-]+)-----\r?\n([^-]+)-----END/g);
  return [...blocks].flatMap(([, label = '', payload = '']) => {
    const kind = kindOf(label);
    // An RFC 1421 header is left out with the line it stands in: the block is then a key that nobody can read.
    const base64 = payload.replace(/^.*:.*$/gm, '');
    return kind === null ? [] : [{ name, kind, label, der: Buffer.from(base64, 'base64') }];
  });
}

/** PEM of one block (RFC 7468 §2). Written anew here: a fuzzer that used the code under test would share its mistakes. */
export function wrap({ label, der }: Pick<Seed, 'label' | 'der'>, width = 64): string {
  const base64 = der.toString('base64');
  const lines = Array.from({ length: Math.ceil(base64.length / width) }, (_, line) =>
    base64.slice(line * width, (line + 1) * width),
  );
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function kindOf(label: string): SeedKind | null {
  if (label.endsWith('CERTIFICATE')) return 'certificate';
  if (label === 'CERTIFICATE REQUEST') return 'request';
  return label.endsWith('PRIVATE KEY') ? 'privateKey' : null;
}
