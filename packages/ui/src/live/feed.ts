/** Which answers are out of date after what the feed says. */
import type { FeedEvent } from '@lovely/protocol';
import type { QueryKey } from '@tanstack/react-query';
import { keys } from '../api.ts';

/** The query keys to invalidate after these events, each once. */
export function outdatedKeys(events: readonly FeedEvent[]): QueryKey[] {
  const outdated = new Map<string, QueryKey>();
  const add = (key: QueryKey): void => void outdated.set(JSON.stringify(key), key);
  for (const event of events) {
    switch (event.kind) {
      case 'status':
        add(keys.deviceStatus(event.deviceId));
        add(keys.deviceSensors(event.deviceId));
        break;
      case 'sensors':
        add(keys.deviceSensors(event.deviceId));
        break;
      case 'inventory':
        add(keys.device(event.deviceId));
        break;
      case 'incident':
        add(keys.incidents);
        break;
      case 'fix-run':
        add(keys.fixRuns);
        if (event.rolloutId !== undefined) add(keys.fixRollouts);
        // A run that has ended counts in how often its fix helped.
        add(keys.fixes);
        break;
      case 'configuration':
        add(keys.device(event.deviceId));
        add(keys.configurations);
        break;
      case 'deployment':
        add(keys.deploymentLists);
        if (event.deploymentId !== undefined) add(keys.deployment(event.deploymentId));
        // Its sensors may be what is updated.
        add(keys.deviceSensors(event.deviceId));
        break;
      case 'software':
        add(keys.software);
        add(keys.deviceSoftware(event.deviceId));
        break;
      case 'alert':
      case 'device':
      case 'presence':
        // An alert changes the health of its device.
        if (event.kind === 'alert') {
          add(keys.alerts);
          add(keys.incidents);
        }
        add(keys.device(event.deviceId));
        add(keys.devices);
        add(keys.fleet);
        add(keys.map);
        break;
    }
  }
  return [...outdated.values()];
}

/** Collects keys and hands them on at once, then at most every `intervalMs`: a busy fleet must not become a busy browser. */
export class Outdated {
  readonly #intervalMs: number;
  readonly #refresh: (keys: QueryKey[]) => void;
  readonly #waiting = new Map<string, QueryKey>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(intervalMs: number, refresh: (keys: QueryKey[]) => void) {
    this.#intervalMs = intervalMs;
    this.#refresh = refresh;
  }

  add(keysOutdated: readonly QueryKey[]): void {
    for (const key of keysOutdated) this.#waiting.set(JSON.stringify(key), key);
    if (this.#timer === undefined) this.#flush();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const outdated = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#refresh(outdated);
    this.#timer = setTimeout(() => this.#flush(), this.#intervalMs);
  }
}
