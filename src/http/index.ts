export { answer, noContent } from './answers.ts';
export { belowRouting } from './below-routing.ts';
export { actorOf, originOf } from './caller.ts';
export { departureSignal } from './departure.ts';
export type { Dialect, UnroutedAnswer } from './dialect.ts';
export { ignoreBodies } from './ignore-bodies.ts';
export { type AttemptOnKey, type Refusals, watchRefusals } from './refusals.ts';
export { RequestLog } from './request-log.ts';
export { requireRights } from './rights.ts';
