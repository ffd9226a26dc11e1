const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*|[[\]{},]/g;

/**
 * Replaces strings and numbers in the text of a JSON document, and leaves the rest as it is written: `1.0` stays `1.0`.
 *
 * @param replace takes the key that a value directly belongs to (undefined in a list) and the value's text, and returns its new text
 */
export function replaceScalars(json: string, replace: (key: string | undefined, literal: string) => string): string {
  let key: string | undefined;
  return json.replaceAll(TOKEN, (token, string: string | undefined, colon: string | undefined) => {
    const owner = key;
    key = string !== undefined && colon !== undefined ? (JSON.parse(string) as string) : undefined;
    const isMark = key !== undefined || /^[[\]{},]$/.test(token);
    return isMark ? token : replace(owner, token);
  });
}

/** Writes a text as JSON, in ASCII when the literal that it replaces was. */
export function stringLiteral(text: string, replaced: string): string {
  const literal = JSON.stringify(text);
  return /^[\x20-\x7e]*$/.test(replaced)
    ? literal.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : literal;
}
