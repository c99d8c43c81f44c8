// Memory of a server for each connection, idle and after it has spoken.
import type { Load, MeasuredServer } from './machine.ts';
import { cpuSeconds, settledMemoryBytes } from './proc.ts';

export interface MemoryFigures {
  readonly connections: number;
  /** Of the process before the connections. */
  readonly baseBytes: number;
  /** For each connection that has not said a word. */
  readonly idleBytes: number;
  /** For each connection that has said hello, sent a status message and got its ack. */
  readonly spokenBytes: number;
  /** CPU of letting a connection in: TLS handshake, upgrade, and what the server checks. */
  readonly openSeconds: number;
}

/** Connections that come and go before the base is taken, so that what is made once counts for nobody. */
const WARM_UP = 400;

/** Leaves the connections open. */
export async function measureMemory(
  server: MeasuredServer,
  load: Load,
  tokens: readonly string[],
): Promise<MemoryFigures> {
  await load.open(server, tokens.slice(0, WARM_UP));
  await load.tell('speak');
  await load.tell('close');
  const baseBytes = await settledMemoryBytes(server.pid);
  const cpuBefore = cpuSeconds(server.pid);
  const { open } = await load.open(server, tokens);
  if (open !== tokens.length) throw new Error(`${open} of ${tokens.length} connections are open`);
  const openSeconds = (cpuSeconds(server.pid) - cpuBefore) / open;
  const idle = await settledMemoryBytes(server.pid);
  await load.tell('speak');
  const spoken = await settledMemoryBytes(server.pid);
  return {
    connections: open,
    baseBytes,
    idleBytes: (idle - baseBytes) / open,
    spokenBytes: (spoken - baseBytes) / open,
    openSeconds,
  };
}
