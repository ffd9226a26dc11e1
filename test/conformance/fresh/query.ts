/** Replaces the values of query parameters, each written the way it was: what was escaped stays escaped, a plus stays a plus. */
export function replaceParameters(path: string, replace: (name: string, value: string) => string): string {
  const [route = '', ...query] = path.split('?');
  const parameters = query
    .join('?')
    .split('&')
    .map((parameter) => {
      const [name = '', ...rest] = parameter.split('=');
      const value = rest.join('=');
      const decoded = decode(value);
      const replaced = decoded === undefined ? undefined : replace(name, decoded);
      return replaced === undefined || replaced === decoded ? parameter : `${name}=${encodeAs(value, replaced)}`;
    });
  return query.length === 0 ? route : `${route}?${parameters.join('&')}`;
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    // No UTF-8: a bad input, which is no name.
    return undefined;
  }
}

function encodeAs(recorded: string, value: string): string {
  const bare = new Set(recorded.replaceAll(/%[0-9A-Fa-f]{2}|\+/g, ''));
  return Array.from(value, (character) => {
    if (character === ' ' && recorded.includes('+')) {
      return '+';
    }
    return bare.has(character) ? character : encodeURIComponent(character);
  }).join('');
}
