/** By so many characters a secret is known; what is shorter could be anything. */
export const NEEDLE_LENGTH = 20;

/** The characters of base64, base64url, hexadecimal digits and percent-encoding. */
export const RUN = /[A-Za-z0-9+/_%-]{20,}/g;

/**
 * Parts of a secret by which a log that holds it is known, in every form in which it could: as it is, in base64 and in hexadecimal
 * digits; of PEM the lines, and its bytes in hexadecimal digits.
 */
export function needlesOf(secret: string): string[] {
  const body = /-----BEGIN [^-]+-----(.*?)-----END/s.exec(secret)?.[1];
  if (body === undefined) {
    const bytes = Buffer.from(secret);
    const forms = [secret, bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')];
    return forms.flatMap((form) => partsOf(form, 0));
  }
  const base64 = body.replaceAll(/\s/g, '');
  const text = Buffer.from(secret);
  // The beginning says only of what kind the key is, and is the same in many; the text's, that it is one.
  return [
    ...partsOf(base64, half(base64)),
    ...partsOf(encodeURIComponent(base64), half(base64)),
    ...linesOf(body).flatMap((line, index) => (index === 0 ? [] : partsOf(line, 0))),
    ...partsOf(Buffer.from(base64, 'base64').toString('hex'), half(base64)),
    ...partsOf(text.toString('base64'), 80),
    ...partsOf(text.toString('hex'), 120),
  ];
}

const half = (text: string) => Math.floor(text.length / 2);
const linesOf = (text: string) => text.split('\n').map((line) => line.trim());

/** The first and a middle part of what stands behind an offset. */
function partsOf(text: string, offset: number): string[] {
  const rest = text.slice(offset).replaceAll('=', '');
  const parts = [rest.slice(0, NEEDLE_LENGTH), rest.slice(half(rest), half(rest) + NEEDLE_LENGTH)];
  return parts.filter((part) => part.length === NEEDLE_LENGTH && part.match(RUN)?.[0] === part);
}
