export type { Actor, PrincipalId } from './actor.ts';
