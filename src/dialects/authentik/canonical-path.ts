import { firstUtf8Error } from './utf8.ts';

/**
 * A request's path as Django reads it: an encoded slash is a slash, and encoded bytes that are no UTF-8 stand for themselves, so that
 * `%FF` is an id like any that is none. What is no escape at all (`%zz`) is left for the router to refuse, as the original's proxy does.
 */
export function canonicalPath(path: string): string {
  return path.includes('%') ? path.replaceAll(/(?:%[0-9a-f]{2})+/gi, canonicalRun) : path;
}

/** @param run of percent-encoded bytes */
function canonicalRun(run: string): string {
  let bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
  let text = '';
  for (let error = firstUtf8Error(bytes); error !== undefined; error = firstUtf8Error(bytes)) {
    const broken = bytes.subarray(error.start, error.end).toString('hex').toUpperCase();
    text += encode(bytes.subarray(0, error.start)) + broken.replaceAll(/../g, '%25$&');
    bytes = bytes.subarray(error.end);
  }
  return text + encode(bytes);
}

function encode(utf8: Buffer): string {
  return encodeURIComponent(utf8.toString('utf8')).replaceAll('%2F', '/');
}
