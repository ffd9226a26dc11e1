import { expect, it } from 'vitest';
import { maskSecrets } from '../../src/http/index.ts';
import { quickest } from '../support/quickest.ts';

// RFC 7519 §3.1.
const JWT =
  'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

const HEADER = JWT.slice(0, JWT.indexOf('.'));

it.each([
  ['a JWT', JWT],
  ['one that nobody signed', `${JWT.slice(0, JWT.lastIndexOf('.'))}.`],
  ['one without its signature', JWT.slice(0, JWT.lastIndexOf('.'))],
])('%s is not shown behind its header, wherever it stands', (_, text) => {
  expect(maskSecrets(`{"a":"Bearer ${text}","b":[1]}`)).toBe(`{"a":"Bearer ${HEADER}[redacted]","b":[1]}`);
  expect(maskSecrets(JSON.stringify(`glued${text}\n${text}`))).toBe(`"glued${HEADER}[redacted]\\n${HEADER}[redacted]"`);
});

it('what begins like a JWT a hundred thousand times is looked through at once', async () => {
  const texts = ['eyJ'.repeat(100_000), `${'eyJ'.repeat(100_000)}.eyJ`, '.eyJ0eXAiOiJ'.repeat(100_000)];
  const took = await quickest(() => texts.map(maskSecrets), 2000);
  // Quadratic, the first alone takes a minute.
  expect(took).toBeLessThan(2000);
});

it('what only begins alike is shown', () => {
  expect(maskSecrets('eyJhbGci and eyJ.eyJ')).toBe('eyJhbGci and eyJ.eyJ');
});

it('PEM in base64 is not shown, whatever of it is private', () => {
  const pem =
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n';
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  for (const secret of [base64(pem), base64(pem.replace('PRIVATE', 'EC PRIVATE'))]) {
    expect(maskSecrets(`{"a":"cert eq '${secret}'","b":[1]}`)).toBe(`{"a":"cert eq '[redacted]'","b":[1]}`);
  }
  for (const attributes of ['Bag Attributes\n', '\n', '\r\n']) {
    expect(maskSecrets(`cert eq '${base64(attributes + pem)}'`)).toMatch(/^cert eq '[A-Za-z0-9+/]{0,24}\[redacted\]'$/);
  }
});
