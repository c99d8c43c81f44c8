/** What systemd says of its services, where it runs the host. */
import { existsSync } from 'node:fs';
import { outputOf } from './command.ts';
import type { Source } from './source.ts';

export const readFailedServices: Source = async () => {
  if (!isSystemdHost()) return {};
  const output = await outputOf('systemctl', [
    'list-units',
    '--type=service',
    '--state=failed',
    '--no-legend',
    '--plain',
  ]);
  return output === undefined ? {} : { 'services.failed': countLines(output) };
};

/** As sd_booted(3) decides it. */
export function isSystemdHost(): boolean {
  return existsSync('/run/systemd/system');
}

/** ActiveState of each named service that systemd knows. */
export async function serviceStates(names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0 || !isSystemdHost()) return new Map();
  const units = names.map((name) => (name.includes('.') ? name : `${name}.service`));
  const output = await outputOf('systemctl', ['show', '--property=LoadState,ActiveState', '--', ...units]);
  return parseServiceStates(names, output ?? '');
}

/** `systemctl show` answers in the order of the question, with an empty line between. */
export function parseServiceStates(names: readonly string[], output: string): Map<string, string> {
  const states = new Map<string, string>();
  output
    .trim()
    .split(/\n\n/)
    .forEach((block, index) => {
      const name = names[index];
      const active = /^ActiveState=(.+)$/m.exec(block)?.[1];
      const isKnown = /^LoadState=(loaded|masked|error|bad-setting)$/m.test(block);
      if (name !== undefined && active !== undefined && isKnown) states.set(name, active);
    });
  return states;
}

function countLines(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '').length;
}
