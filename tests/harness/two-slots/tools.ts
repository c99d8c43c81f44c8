/** Programs of a machine with two slots that go before the host's: they know when the power is to go. */
import type { BootLoaderKind } from './boot-loaders.ts';

/** Shell scripts by name, for /usr/local/sbin. */
export function machineTools(kind: BootLoaderKind): { readonly [name: string]: string } {
  const reboot = script('touch /power/rebooting', 'kill -TERM "$(cat /power/client.pid)"');
  switch (kind) {
    case 'u-boot':
      return {
        reboot,
        fw_printenv: withCuts('/usr/bin/fw_printenv "$@"', ':'),
        // The machine makes half of what it has written then.
        fw_setenv: withCuts(
          '/usr/bin/fw_setenv "$@"',
          'cp /boot/uboot.env /power/environment-before; /usr/bin/fw_setenv "$@"',
        ),
      };
    case 'grub':
      return { reboot, 'grub-editenv': withCuts('/usr/bin/grub-editenv "$@"', ':') };
    case 'grub-mender':
      return {
        reboot,
        'grub-mender-grubenv-print': withCuts(`/usr/bin/grub-editenv ${copyOf(1)}/env list`, ':'),
        'grub-mender-grubenv-set': withCuts(
          `values=$(cat); ${setIn(2)}; ${setIn(1)}`,
          `touch ${copyOf(2)}/editing; echo half > ${copyOf(2)}/env`,
        ),
      };
  }
}

const copyOf = (copy: 1 | 2): string => `/boot/mender_grubenv${copy}`;

function setIn(copy: 1 | 2): string {
  const place = copyOf(copy);
  return `touch ${place}/editing; /usr/bin/grub-editenv ${place}/env set $values; rm ${place}/editing`;
}

/** `real`, or the end: /power/cut says before, in the middle of or after which call. */
function withCuts(real: string, torn: string): string {
  return script(
    'off() { kill -KILL "$(cat /power/client.pid)"; sleep 1000; }',
    `real() { ${real}; }`,
    '[ -e /power/cut ] || { real "$@"; exit; }',
    'read -r when left < /power/cut',
    'left=$((left - 1))',
    'if [ "$left" -gt 0 ]; then echo "$when $left" > /power/cut; real "$@"; exit; fi',
    'rm /power/cut',
    'case $when in',
    'before) off ;;',
    `torn) ${torn}; off ;;`,
    'after) real "$@"; off ;;',
    'esac',
  );
}

function script(...lines: string[]): string {
  return ['#!/bin/sh', ...lines, ''].join('\n');
}
