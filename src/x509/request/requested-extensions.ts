import { DerError } from '../der/error.ts';
import { parseDer } from '../der/reader.ts';
import { type Extension, readExtensions } from '../extensions.ts';
import type { RequestAttribute } from './request-structure.ts';

/** extensionRequest (RFC 2985 §5.4.2). */
export const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** Microsoft's own, with the same contents. */
const MICROSOFT_EXTENSION_REQUEST = '1.3.6.1.4.1.311.2.1.14';

/**
 * The extensions that a request asks for; none where it asks for none.
 * @throws DerError where their list is malformed, or they or one of them are asked for twice, so that nobody is to choose
 */
export function readRequestedExtensions(attributes: readonly RequestAttribute[]): Extension[] {
  const requests = attributes
    .filter(({ oid }) => oid === EXTENSION_REQUEST || oid === MICROSOFT_EXTENSION_REQUEST)
    .flatMap(({ values }) => values);
  const [request] = requests;
  if (requests.length > 1) throw new DerError('extensions are requested twice');
  const extensions = request === undefined ? [] : parseDer(request, readExtensions);
  if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length) {
    throw new DerError('an extension is requested twice');
  }
  return extensions;
}
