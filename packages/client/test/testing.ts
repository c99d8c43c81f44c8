/** What whole-system tests need of the client's own: a house whose sensors may have all the bad luck there is, a bad link. */
export { Proxy } from './proxy.ts';
export { IdleClock } from './sensors/idle-clock.ts';
export { faultsOf, randomHouse } from './sensors/random-house.ts';
export { powerCutRound } from './update/power-cut.ts';
export type { RoundOutcome } from './update/power-cut.ts';
