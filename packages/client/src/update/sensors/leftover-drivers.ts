/**
 * Drivers that an earlier life of the client left running: each works on a sensor that is soon worked on again. They are found
 * by their command line, as a number that is written down may come too late, or be another's by now.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { sleep, systemClock } from '../../clock.ts';
import { DRIVER_STEPS } from './driver.ts';
import { workDirOf } from './sensor-run.ts';

const GONE_CHECK_MS = 20;
const GONE_CHECKS_MAX = 250;

/** Ends them with all that they started. Resolves when they are gone. */
export async function endLeftoverDrivers(
  folder: string,
  sensors: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const workDirs = new Set(sensors.map((sensor) => workDirOf(folder, sensor)));
  for (let check = 0; check < GONE_CHECKS_MAX && !signal.aborted; check++) {
    const left = processes().filter((pid) => isDriver(pid, workDirs));
    if (left.length === 0) return;
    for (const pid of left) end(pid);
    await sleep(systemClock, GONE_CHECK_MS, signal);
  }
}

function processes(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 1 && pid !== process.pid);
}

function isDriver(pid: number, workDirs: ReadonlySet<string>): boolean {
  const words = commandLine(pid);
  return words.some((word, at) => workDirs.has(word) && DRIVER_STEPS.some((step) => step === words[at - 1]));
}

/** Empty for one that has ended. */
function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function end(pid: number): void {
  // The driver leads its group; what it started may be what was found.
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has ended, or leads no group.
    }
  }
}
