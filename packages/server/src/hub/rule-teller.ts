/**
 * Tells devices their rules: each after its hello, and again when they have changed, at a pace that neither the database
 * nor the network feels. A device that has the very set is told nothing.
 */
import { encodeFrame, ruleFrames } from '@lovely/protocol';
import { RULES_SWEEP_MS, RULES_TELL_DEVICES, RULES_TELL_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Connection } from './connection.ts';
import type { DeviceRules, RuleSets } from './device-rules.ts';

export interface RuleTeller {
  /** Tells a device that has said hello. */
  tell(connection: Connection): Promise<void>;
  /** Tells these in their turn, as far as they have said hello. */
  tellSoon(connections: Iterable<Connection>): void;
  close(): void;
}

/** @param all whom a change may have missed, as the bus carries nothing twice */
export function createRuleTeller(sets: RuleSets, all: () => Iterable<Connection>, log: Log): RuleTeller {
  const waiting = new Set<Connection>();
  const told = new WeakMap<Connection, Told>();

  async function tell(connection: Connection): Promise<void> {
    let state = told.get(connection);
    if (!state) told.set(connection, (state = { turn: 0, version: undefined }));
    const turn = ++state.turn;
    const set = await sets.of(connection.tenantId, connection.deviceId);
    // Another change has come meanwhile, and its rules are newer than these.
    if (state.turn !== turn || state.version === set.version) return;
    if (framesOf(set).every((bytes) => connection.sendBytes(bytes))) state.version = set.version;
  }

  async function tellSome(): Promise<void> {
    const some = [...waiting].slice(0, RULES_TELL_DEVICES);
    for (const connection of some) waiting.delete(connection);
    const results = await Promise.allSettled(some.map(tell));
    const failed = results.find((result) => result.status === 'rejected');
    // What was told before goes on; the sweep comes by again.
    if (failed) log.warn({ error: failed.reason }, 'the rules could not be read; devices keep those that they have');
  }

  function tellSoon(connections: Iterable<Connection>): void {
    for (const connection of connections) if (told.has(connection)) waiting.add(connection);
  }

  const telling = setInterval(() => {
    if (waiting.size > 0) void tellSome();
  }, RULES_TELL_MS);
  const sweeping = setInterval(() => tellSoon(all()), RULES_SWEEP_MS);

  return {
    tell,
    tellSoon,
    close() {
      clearInterval(telling);
      clearInterval(sweeping);
      waiting.clear();
    },
  };
}

/** Most devices of a tenant are told the same, so it is encoded once. */
const encoded = new WeakMap<DeviceRules, Uint8Array[]>();

function framesOf(set: DeviceRules): Uint8Array[] {
  let frames = encoded.get(set);
  if (!frames) encoded.set(set, (frames = ruleFrames(set.version, set.rules).map(encodeFrame)));
  return frames;
}

interface Told {
  /** Of two that are told at the same time the later counts. */
  turn: number;
  version: string | undefined;
}
