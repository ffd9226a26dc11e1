import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// As `node --expose-gc`, but wherever this is loaded: a test has no say in the flags of its process.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is in use after a full collection, in bytes: the heap, and the buffers outside of it. */
export function heapAfterCollection(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
