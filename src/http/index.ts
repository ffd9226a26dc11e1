export { answer, noContent } from './answers.ts';
export { belowRouting } from './below-routing.ts';
export { actorOf } from './caller.ts';
export { departureSignal } from './departure.ts';
export type { Dialect, UnroutedAnswer } from './dialect.ts';
export { ignoreBodies } from './ignore-bodies.ts';
export { RequestLog } from './request-log.ts';
export { requireRights } from './rights.ts';
