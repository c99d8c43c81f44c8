// CPU for each status message, and how many a second go through.
import type { Load, MeasuredServer } from './machine.ts';
import { cpuSeconds } from './proc.ts';

export interface ThroughputFigures {
  readonly messages: number;
  readonly messagesPerSecond: number;
  readonly serverSeconds: number;
  readonly databaseSeconds: number;
  /** Messages or connections that the server complained about. */
  readonly refused: number;
}

const WARM_UP_MS = 3_000;

/** The load keeps `unacked` messages on the way on each of the first `connections`, for `seconds`. */
export async function measureThroughput(
  server: MeasuredServer,
  load: Load,
  options: { connections: number; unacked: number; reports: number; seconds: number },
): Promise<ThroughputFigures> {
  const { connections, unacked, reports, seconds } = options;
  await load.send(connections, unacked, reports);
  await Bun.sleep(WARM_UP_MS);
  const before = await look(server, load);
  await Bun.sleep(seconds * 1000);
  const after = await look(server, load);
  await load.tell('finish');
  const messages = after.acked - before.acked;
  return {
    messages,
    messagesPerSecond: messages / ((after.atMs - before.atMs) / 1000),
    serverSeconds: (after.serverCpu - before.serverCpu) / messages,
    databaseSeconds: (after.databaseCpu - before.databaseCpu) / messages,
    refused: after.refused - before.refused,
  };
}

async function look(server: MeasuredServer, load: Load) {
  const { acked, refused } = await load.tell('count');
  return {
    acked,
    refused,
    atMs: performance.now(),
    serverCpu: cpuSeconds(server.pid),
    databaseCpu: server.databaseCpuSeconds(),
  };
}
