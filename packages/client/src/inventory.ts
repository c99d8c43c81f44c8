/** What the gateway is made of, with the attribute names of Mender's inventory scripts where they have one. */
import { cpus, hostname, networkInterfaces, release, totalmem, arch } from 'node:os';
import { inventoryReport } from '@lovely/protocol';
import { INNER_INTERFACE } from './host/network.ts';
import { textOf } from './host/source.ts';
import { INTERFACES_MAX } from './limits.ts';
import type { Submit } from './outbox.ts';
import { CLIENT_NAME, CLIENT_VERSION } from './version.ts';

export type Inventory = { readonly [attribute: string]: string | string[] };

/** What the host can't tell by itself. */
export interface InventoryOptions {
  readonly name: string;
  readonly serial: string;
  readonly deviceType: string;
  readonly runtime: string;
}

export function readInventory({ name, serial, deviceType, runtime }: InventoryOptions): Inventory {
  return {
    name,
    serial_number: serial,
    device_type: deviceType,
    hostname: hostname(),
    os: operatingSystem(textOf('/etc/os-release') ?? ''),
    kernel: release(),
    architecture: arch(),
    cpu_model: cpus()[0]?.model ?? 'unknown',
    mem_total_kB: String(Math.round(totalmem() / 1024)),
    ...readAddresses(),
    client: CLIENT_NAME,
    client_version: CLIENT_VERSION,
    client_runtime: runtime,
  };
}

/** Reports the inventory whenever it differs from what this process reported last. */
export class InventoryReporter {
  readonly #options: InventoryOptions;
  readonly #submit: Submit;
  #reported = '';

  constructor(options: InventoryOptions, submit: Submit) {
    this.#options = options;
    this.#submit = submit;
  }

  check(): void {
    const inventory = readInventory(this.#options);
    const text = JSON.stringify(inventory);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#submit((id) => inventoryReport.frame({ id }, { ...inventory }));
  }
}

/** os-release(5). */
export function operatingSystem(osRelease: string): string {
  const value = /^PRETTY_NAME=(.*)$/m.exec(osRelease)?.[1];
  return value?.replace(/^(["'])(.*)\1$/, '$2') || 'unknown';
}

function readAddresses(): Inventory {
  const outer = Object.entries(networkInterfaces())
    .filter(([name]) => !INNER_INTERFACE.test(name))
    .slice(0, INTERFACES_MAX);
  const attributes: { [attribute: string]: string | string[] } = { network_interfaces: outer.map(([name]) => name) };
  for (const [name, addresses = []] of outer) {
    const of = (family: string): string[] =>
      addresses.filter((address) => address.family === family).map(({ cidr, address }) => cidr ?? address);
    const mac = addresses[0]?.mac;
    if (mac !== undefined) attributes[`mac_${name}`] = mac;
    if (of('IPv4').length > 0) attributes[`ipv4_${name}`] = of('IPv4');
    if (of('IPv6').length > 0) attributes[`ipv6_${name}`] = of('IPv6');
  }
  return attributes;
}
