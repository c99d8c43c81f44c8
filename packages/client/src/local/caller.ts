/** A program that talks to the client: one connection to the bus or to the socket. */
import type { SignalName, Told } from './interface.ts';

export interface Caller {
  /** On whose behalf it runs, such as `uid 1000`: when it has left, another program of the same user may go on. */
  readonly user: string;
  /** Whether that is the administrator, who may remove any sensor. */
  readonly isRoot: boolean;
  /** What the log calls it. */
  readonly name: string;
  tell<S extends SignalName>(signal: S, told: Told<S>): void;
}
