import { DISCOVERED } from '../discovery/discovery.ts';

/** Whether a pair is kept by discovery: as much its owner's as any other, but changed in its files alone. */
export function isDiscovered(managed: string | null): boolean {
  return managed?.startsWith(DISCOVERED) === true;
}

/** Whether a pair is the server's own, and nobody's to give away or to change. */
export function isServersOwn(managed: string | null): boolean {
  return managed !== null && !isDiscovered(managed);
}
