/**
 * What tests and benchmarks start is gone also when a signal ends them: an embedded PostgreSQL has a session of its own and
 * outlives its parent otherwise, and so do temporary folders.
 */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const cleanUps = new Set<() => Promise<unknown>>();
let isListening = false;
let isEnding = false;

/** Calls `cleanUp` when a signal ends this process, unless the function that is returned was called before. */
export function cleanUpOnSignal(cleanUp: () => Promise<unknown>): () => void {
  cleanUps.add(cleanUp);
  if (!isListening) for (const signal of SIGNALS) process.on(signal, () => void endBy(signal));
  isListening = true;
  return () => cleanUps.delete(cleanUp);
}

async function endBy(signal: (typeof SIGNALS)[number]): Promise<void> {
  // `timeout` sends the same twice, to us and to our group.
  if (isEnding) return;
  isEnding = true;
  await Promise.allSettled([...cleanUps].map((cleanUp) => cleanUp()));
  process.exit(128 + constants.signals[signal]);
}
