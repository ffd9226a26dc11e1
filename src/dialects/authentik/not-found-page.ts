import type { FastifyReply } from 'fastify';

const PAGE = `<!doctype html>
<html lang="en">
<head><title>Not Found</title></head>
<body><h1>Not Found</h1><p>There is nothing at this address. Paths end with a slash.</p></body>
</html>
`;

/** Outside its API the original answers in HTML, whatever the method. */
export function sendNotFoundPage(reply: FastifyReply): FastifyReply {
  return reply.code(404).header('content-type', 'text/html; charset=utf-8').send(PAGE);
}
