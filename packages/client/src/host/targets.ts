/** The state of each service or process that a rule watches: systemd's word, or whether such a process runs. */
import { runningProcesses } from './processes.ts';
import { serviceStates } from './systemd.ts';

export async function targetStates(targets: readonly string[]): Promise<Map<string, string>> {
  const services = await serviceStates(targets);
  const others = targets.filter((target) => !services.has(target));
  const running = runningProcesses(others);
  return new Map([
    ...services,
    ...others.map((target) => [target, running.has(target) ? 'running' : 'not running'] as const),
  ]);
}

/** Whether a state is as it should be; a service on its way up or reloading is no problem yet. */
export function isGoodState(state: string): boolean {
  return ['active', 'running', 'reloading', 'activating'].includes(state);
}
