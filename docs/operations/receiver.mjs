// Receives Certkeep's webhooks, verifies them as Standard Webhooks says, and prints one line for each that is genuine and new.
//   PORT=9400 WEBHOOK_SECRET_FILE=webhook-secret node receiver.mjs
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const TOLERANCE_SECONDS = 5 * 60;
const LARGEST_BODY = 64 * 1024;

const secret = readFileSync(process.env.WEBHOOK_SECRET_FILE, 'utf8').trim();
const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
const seen = new Set();

/** The header may hold several signatures, one for each secret while they are changed. */
function isGenuine({ id, timestamp, signature }, payload) {
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < TOLERANCE_SECONDS)) {
    return false;
  }
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`).digest();
  return signature.split(' ').some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const server = createServer(async (request, response) => {
  let payload = '';
  for await (const chunk of request.setEncoding('utf8')) {
    payload += chunk;
    if (payload.length > LARGEST_BODY) {
      request.destroy();
      return;
    }
  }
  const header = (name) => String(request.headers[`webhook-${name}`] ?? '');
  const id = header('id');
  if (!isGenuine({ id, timestamp: header('timestamp'), signature: header('signature') }, payload)) {
    response.writeHead(401).end();
    return;
  }
  // What was answered too late is sent again under the same id.
  if (!seen.has(id)) {
    seen.add(id);
    process.stdout.write(`${payload}\n`);
  }
  response.writeHead(204).end();
});

server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
