/**
 * Whether Docker sends a file to the builder, by the lines of a .dockerignore: the last line that speaks of it or of a directory
 * that it lies in decides.
 *
 * @param path from the context's root on, with `/`
 * @throws {Error} where a line holds a wildcard other than a lone `*`
 */
export function isInContext(path: string, dockerignore: string): boolean {
  let isSent = true;
  for (const line of dockerignore.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) {
      continue;
    }
    const pattern = line.replace(/^!/, '');
    if (pattern !== '*' && /[*?[\]\\]/.test(pattern)) {
      throw new Error(`is not understood without Docker: ${line}`);
    }
    if (pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)) {
      isSent = line.startsWith('!');
    }
  }
  return isSent;
}
