import { lookup } from 'node:dns';
import { stat } from 'node:fs';

// Preloaded into a server's process, in the language that Node reads by itself. It asks the file system and the resolver again and again,
// and sends its parent, whenever that sends a message, how long the answers took since the message before.

const EVERY_MS = 20;

let current = emptyWindow();

/** An answer counts where it was asked for: one that takes long would otherwise be missing from the very window that delayed it. */
function emptyWindow() {
  return { waits: { stat: [], lookup: [] }, pending: 0, isOver: false };
}

function ask(/** @type {'stat' | 'lookup'} */ what, /** @type {(done: () => void) => void} */ begin) {
  const window = current;
  const asked = performance.now();
  window.pending++;
  begin(() => {
    window.waits[what].push(performance.now() - asked);
    window.pending--;
    tellIfComplete(window);
  });
}

function tellIfComplete(window) {
  if (window.isOver && window.pending === 0) {
    process.send?.(window.waits);
  }
}

setInterval(() => {
  ask('stat', (done) => stat(import.meta.filename, done));
  ask('lookup', (done) => lookup('localhost', done));
}, EVERY_MS).unref();

process.on('message', () => {
  const window = current;
  current = emptyWindow();
  window.isOver = true;
  tellIfComplete(window);
});
// The server ends as it would without us.
process.channel?.unref();
