import { expect, it } from 'vitest';
import { maskSecrets } from '../../src/http/index.ts';

// RFC 7519 §3.1.
const JWT =
  'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

it.each([
  ['a JWT', JWT],
  ['one that nobody signed', `${JWT.slice(0, JWT.lastIndexOf('.'))}.`],
  ['one without its signature', JWT.slice(0, JWT.lastIndexOf('.'))],
])('%s is not shown, wherever it stands', (_, text) => {
  expect(maskSecrets(`{"a":"Bearer ${text}","b":[1]}`)).toBe('{"a":"Bearer [redacted]","b":[1]}');
});

it('what only begins alike is shown', () => {
  expect(maskSecrets('eyJhbGci and eyJ.eyJ')).toBe('eyJhbGci and eyJ.eyJ');
});
