const FILE_NAME = /^(attachment; filename=")(.*)(_certificate\.pem"|_private_key\.pem")$/s;
const ENCODED_WORD = /^=\?utf-8\?b\?([^?]*)\?=$/i;

/**
 * Renames the keypair in the header of a download, which is an encoded word (RFC 2047) when the name goes beyond Latin-1.
 *
 * @throws Error when the header has another form
 */
export function renameInDisposition(header: string, rename: (name: string) => string): string {
  const encoded = ENCODED_WORD.exec(header)?.[1];
  const plain = encoded === undefined ? header : Buffer.from(encoded, 'base64').toString('utf8');
  const [, start, name, end] = FILE_NAME.exec(plain) ?? [];
  if (name === undefined) {
    throw new Error(`no file name that could be made anew in ${header}`);
  }
  const renamed = `${start}${rename(name)}${end}`;
  return encoded === undefined ? renamed : `=?utf-8?b?${Buffer.from(renamed).toString('base64')}?=`;
}
