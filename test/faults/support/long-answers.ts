import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, type TestServer } from '../../support/server.ts';
import { headOf } from './watched-server.ts';

const LENGTH = 900_000;

/** The bytes of requests whose answers, of nearly a megabyte each, are more than the system takes for a client that does not read. */
export async function askForLongAnswers(server: TestServer, count: number): Promise<string> {
  const long = `${'x'.repeat(LENGTH)}\n${opensslPair().certificate}`;
  const created = await server.request('POST', PAIRS, { name: 'long', certificate_data: long });
  const { pk } = (await created.json()) as { pk: string };
  return `${headOf(server, `GET ${PAIRS}${pk}/view_certificate/`)}\r\n`.repeat(count);
}
