export interface StartPageOptions {
  /** Where the server listens. */
  readonly url: string;
  readonly version: string;
  /** Holds the first token; undefined where the operator gave one. */
  readonly tokenFile: string | undefined;
  readonly notices: readonly string[];
}

/** What a person sees in the terminal once the server answers: where it is, where the token is, a line to try it with. */
export function startPage({ url, version, tokenFile, notices }: StartPageOptions): string {
  const token = tokenFile === undefined ? '$CERTKEEP_BOOTSTRAP_TOKEN' : `$(cat ${shellWord(tokenFile)})`;
  const lines = [
    '',
    `  Certkeep ${version} is ready.`,
    '',
    `  URL        ${url}`,
    `  API docs   ${url}/docs`,
    `  Token      ${tokenFile === undefined ? 'the one you gave' : `in ${tokenFile}`}`,
    '',
    '  Try it:',
    '',
    `    curl -H "Authorization: Bearer ${token}" ${url}/api/v3/crypto/certificatekeypairs/`,
    '',
    ...notices.flatMap((notice) => [`  Note: ${notice}`, '']),
  ];
  return `${lines.join('\n')}\n`;
}

/** The path for a shell to read inside double quotes, where it needs quotes of its own. */
function shellWord(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
