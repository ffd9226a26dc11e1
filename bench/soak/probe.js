import { setImmediate as turn } from 'node:timers/promises';

// Preloaded into the server's process with --expose-gc, in the language that Node reads by itself. Whenever its parent sends a message,
// it collects what is garbage and answers what is left.

async function collect() {
  globalThis.gc();
  // What finalizers let go of is garbage only after them.
  await turn();
  globalThis.gc();
}

function countByKind(/** @type {string[]} */ kinds) {
  const counts = {};
  for (const kind of kinds) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

process.on('message', async () => {
  const resources = countByKind(process.getActiveResourcesInfo());
  await collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ heapUsed, external, rss, resources });
});
// The server ends as it would without us.
process.channel?.unref();
