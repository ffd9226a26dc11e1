import { AnswerLog } from './answer-log.ts';

/**
 * `fetch` for servers that run in a process of their own, where `startServer` sees nothing.
 *
 * @throws {Error} also where the answer is not as openapi.yaml or authentik's schema describe it
 */
export async function describedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const log = new AnswerLog();
  log.judge({
    method: init.method ?? 'GET',
    url,
    status: response.status,
    contentType: response.headers.get('content-type') ?? undefined,
    body: new Uint8Array(await response.clone().arrayBuffer()),
  });
  log.assertDescribed();
  return response;
}
