// What the kernel says about a process: memory, CPU time, children. Linux only.
import { readdirSync, readFileSync } from 'node:fs';

/** sysconf(_SC_CLK_TCK), which has been 100 on every Linux for decades. */
const TICKS_A_SECOND = 100;

/** Memory that the process alone has in bytes: heaps and stacks, without the program's own file. */
export function memoryBytes(pid: number): number {
  const kibibytes = /^Anonymous:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}

/** CPU time in seconds, user and system, of the process and of children that it has waited for. */
export function cpuSeconds(pid: number): number {
  return (
    fieldsOf(pid)
      .slice(11, 15)
      .reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_A_SECOND
  );
}

/** CPU time in seconds of everything that descends from a process. What has ended is in the time of its parent. */
export function descendantsCpuSeconds(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + cpuSecondsIfThere(child) + descendantsCpuSeconds(child), 0);
}

function cpuSecondsIfThere(pid: number): number {
  try {
    return cpuSeconds(pid);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(fieldsOf(pid)[1]);
  } catch {
    // It has ended since the folder was read.
    return undefined;
  }
}

/** The fields of proc_pid_stat(5) behind the name: state, ppid, … with utime, stime, cutime and cstime from 11 on. */
function fieldsOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Waits until the memory of a process has come to rest, and returns it. */
export async function settledMemoryBytes(pid: number): Promise<number> {
  const LOOKS = 6;
  const LOOK_MS = 1000;
  const LOOKS_MAX = 40;
  const REST_SHARE = 0.003;
  const seen: number[] = [];
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    seen.push(memoryBytes(pid));
    const last = seen.slice(-LOOKS);
    if (last.length === LOOKS && Math.max(...last) - Math.min(...last) <= REST_SHARE * Math.max(...last)) break;
    await Bun.sleep(LOOK_MS);
  }
  return seen.at(-1)!;
}
