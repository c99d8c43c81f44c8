/** The seam that makes a spool survive: disk-journal.ts keeps it on disk, `noJournal` for simulated gateways doesn't. */

/** A message that waits for its acknowledgement. */
export interface SpooledMessage {
  readonly id: number;
  readonly proto: number;
  /** The encoded frame. */
  readonly bytes: Uint8Array;
}

export interface Recovered {
  /** In the order in which they were added. */
  readonly messages: readonly SpooledMessage[];
  /** Every id from here on is unused; undefined for a journal that is new. */
  readonly nextId: number | undefined;
}

export interface Journal {
  recover(): Recovered;
  /** Promises durably that ids below `id` may be in use. */
  reserve(id: number): void;
  add(message: SpooledMessage): void;
  forget(ids: readonly number[]): void;
  /** Returns when everything so far would survive a power loss, or the disk refuses. */
  sync(): void;
  /** `nextId` spares the next start the ids that were reserved and not used. */
  close(nextId: number): void;
}

export const noJournal: Journal = {
  recover: () => ({ messages: [], nextId: undefined }),
  reserve: () => undefined,
  add: () => undefined,
  forget: () => undefined,
  sync: () => undefined,
  close: () => undefined,
};
