/** A house with a gateway and simulated sensors whose files say what really happened to them. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SensorUpdate } from '@lovely/protocol';
import { live, type Order, type Progress } from './gateway.ts';

const GATEWAY = join(import.meta.dir, 'gateway.ts');
const DRIVER = join(import.meta.dir, 'driver.sh');

export interface NewSensor {
  readonly id: string;
  readonly kind?: string;
  readonly model?: string;
  readonly firmware: string;
  /** `STEP FAULT [COUNT|always]` */
  readonly faults?: readonly string[];
}

export const OLD = '1.0';
export const NEW = '2.0';

export class SensorHouse {
  readonly folder: string;
  readonly sensors: readonly NewSensor[];
  readonly order: Order;
  kills = 0;

  constructor(folder: string, sensors: readonly NewSensor[], order: Order) {
    this.folder = folder;
    this.sensors = sensors;
    this.order = order;
    for (const name of ['drivers', 'sensors', 'gateway']) mkdirSync(join(folder, name));
    copyFileSync(DRIVER, join(folder, 'drivers/test'));
    writeFileSync(join(folder, 'firmware.bin'), 'new firmware '.repeat(1000));
    writeFileSync(join(folder, 'order.json'), JSON.stringify(order));
    for (const { id, firmware, faults = [] } of sensors) {
      const files = { running: firmware, staged: 'none', faults: faults.join('\n') };
      mkdirSync(join(folder, 'sensors', id));
      for (const [name, text] of Object.entries(files))
        writeFileSync(join(folder, 'sensors', id, name), text === '' ? '' : `${text}\n`);
    }
    const known = sensors.map(({ id, kind = 'light-bulb', model = 'Lumo', firmware }) => {
      return { id, kind, name: '', model, serial: '', firmware, place: '', user: 'socket' };
    });
    writeFileSync(join(folder, 'gateway/sensors.json'), JSON.stringify(known));
  }

  start(): Bun.Subprocess<'ignore', 'ignore', 'pipe'> {
    return Bun.spawn([process.execPath, GATEWAY, this.folder], { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' });
  }

  /** One life of the gateway, in this process. */
  async finish(): Promise<Progress> {
    return await live(this.folder);
  }

  /** As many lives of the gateway as it takes, each after a kill; how often it was killed counts `kills`. */
  async finishKilled(): Promise<Progress> {
    for (;;) {
      const child = this.start();
      const errors = await new Response(child.stderr).text();
      await child.exited;
      if (child.exitCode === 0) return JSON.parse(this.#text('progress.json')) as Progress;
      if (child.signalCode !== 'SIGKILL') throw new Error(`the gateway ended with ${child.exitCode}: ${errors}`);
      this.kills++;
    }
  }

  running(id: string): string {
    return this.#text(`sensors/${id}/running`).trim();
  }

  /** What the backend was told of each sensor last. */
  told(): Map<string, SensorUpdate> {
    const lines = this.#text('told').split('\n').filter(Boolean);
    const all = lines.flatMap((line) => JSON.parse(line) as SensorUpdate[]);
    return new Map(all.map((update) => [update.id, update]));
  }

  /** What drivers were asked for, each as `SENSOR STEP`. */
  get steps(): string[] {
    return this.#text('steps').split('\n').filter(Boolean);
  }

  registered(id: string): string | undefined {
    const all = JSON.parse(this.#text('gateway/sensors.json')) as { id: string; firmware: string }[];
    return all.find((sensor) => sensor.id === id)?.firmware;
  }

  get log(): string {
    return this.#text('log');
  }

  /** Two drivers at one sensor. */
  get violations(): string {
    return this.#text('violations');
  }

  /** What is left in the folder of the update. */
  get leftovers(): string[] {
    const payload = join(this.folder, 'gateway/payload');
    return existsSync(payload) ? readdirSync(payload) : [];
  }

  #text(name: string): string {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}
