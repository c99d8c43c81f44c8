/** The rules that every tenant has: those of gateways, and those of the kinds of sensors that the system knows. */
import { DEFAULT_SENSOR_RULES } from './default-sensor-rules.ts';
import type { Rule } from './rule.ts';

export const OFFLINE_RULE = 'gateway-offline';
export const CLONE_RULE = 'device-cloned';
export const CONFIGURATION_RULE = 'configuration-reverted';

const BUILT_IN = {
  of: { kind: 'gateway' },
  target: { deviceTypes: [], groupIds: [], deviceIds: [] },
  evaluatedBy: 'device',
  enabled: true,
} as const satisfies Partial<Rule>;

type Written = Omit<Rule, keyof typeof BUILT_IN> & Partial<Pick<Rule, keyof typeof BUILT_IN>>;

const GATEWAY_RULES: readonly Written[] = [
  {
    key: OFFLINE_RULE,
    severity: 'critical',
    title: 'Gateway offline',
    description: 'The gateway has been out of reach since {since}. Last words: {reason}.',
    cause: 'No power, no internet connection, or the gateway itself has stopped.',
    suggestion: [
      'Ask whether the house has power and internet: other houses nearby that are red too point to an outage.',
      'Switch the gateway off, wait ten seconds, and switch it on again.',
      'If it stays away for an hour, send somebody with a spare gateway.',
    ],
    watch: { kind: 'offline', forMs: null },
    evaluatedBy: 'server',
  },
  {
    key: CLONE_RULE,
    severity: 'critical',
    title: 'Key used in two places',
    description: 'Connections from {places} places take turns with the key of this gateway.',
    cause:
      'The folder with the gateway’s key was copied: a disk was cloned, a back-up runs beside the original, or somebody stole the key.',
    suggestion: [
      'Find out who has the second one: was the disk or the container of this gateway copied, or a back-up restored?',
      'Switch the copy off, delete its key (key.pem in its data directory), and let it join as a gateway of its own.',
      'If nobody knows of a copy, take the key for stolen: delete this device here, delete key.pem on the gateway, and accept the new key by its fingerprint.',
    ],
    watch: { kind: 'clone' },
    evaluatedBy: 'server',
  },
  {
    key: CONFIGURATION_RULE,
    severity: 'warning',
    title: 'Went back from a configuration',
    description: 'The gateway went back from version {version} of its configuration by itself: {reason}.',
    cause:
      'A value of the new configuration cuts the gateway off or can’t be applied. It has the values of before, and works with them.',
    suggestion: [
      'Compare what is desired with what the house has, on its page under Configuration, and find the value that did it.',
      'Change that value, or go back to the version before in the history.',
      'If the connection was only bad at that moment, try the same once more.',
    ],
    watch: { kind: 'configuration' },
    evaluatedBy: 'server',
  },
  {
    key: 'disk-almost-full',
    severity: 'critical',
    title: 'Disk almost full',
    description: '{value} % of {source} is in use.',
    cause:
      'Logs, recordings or downloads have grown until hardly any space is left; updates and new data will fail soon.',
    suggestion: [
      'Open the terminal and find what is large: du -xh {source} | sort -h | tail',
      'Delete old logs: journalctl --vacuum-size=50M',
      'If a program keeps filling it, limit that program before you clean up.',
    ],
    watch: { kind: 'threshold', metric: 'disk.*.usedPercent', direction: 'above', raiseAt: 90, clearAt: 85, forMs: 0 },
  },
  {
    key: 'memory-pressure',
    severity: 'warning',
    title: 'Memory almost full',
    description: '{value} % of the memory is in use.',
    cause: 'A program holds more and more memory, or too many run at once; the kernel will end one of them soon.',
    suggestion: [
      'Open the terminal and see who holds it: ps aux --sort=-rss | head',
      'Restart that program, and report it if it grows again.',
    ],
    watch: {
      kind: 'threshold',
      metric: 'memory.usedPercent',
      direction: 'above',
      raiseAt: 92,
      clearAt: 85,
      forMs: 10_000,
    },
  },
  {
    key: 'service-down',
    severity: 'critical',
    title: 'Service down',
    description: '{target} is not running.',
    cause: 'A watched service has stopped or keeps failing.',
    suggestion: [
      'Open the terminal and see why: systemctl status {target}',
      'Start it again: systemctl restart {target}',
    ],
    // Systems differ in what must run, so nobody's services are named here: a gateway adds its own.
    watch: { kind: 'service', targets: [], forMs: 5_000 },
  },
  {
    key: 'service-failed',
    severity: 'critical',
    title: 'A system service failed',
    description: '{value} system services are in the state "failed".',
    cause: 'A service ended with an error and systemd has given up restarting it.',
    suggestion: [
      'Open the terminal and see which: systemctl --failed',
      'Read its last words: journalctl -u NAME -n 50',
      'Start it again: systemctl restart NAME',
    ],
    watch: { kind: 'threshold', metric: 'services.failed', direction: 'above', raiseAt: 1, clearAt: 0, forMs: 30_000 },
  },
  {
    key: 'clock-wrong',
    severity: 'warning',
    title: 'Clock is wrong',
    description: 'The clock of the gateway is {value} seconds away from ours.',
    cause:
      'The gateway can not reach a time server, or its battery for the clock is empty. What it tells of times is corrected by the server, but certificates and time switches of the house go by the wrong clock.',
    suggestion: [
      'Open the terminal and see what it thinks: timedatectl',
      'Turn the time service on: timedatectl set-ntp true',
      'If its network lets no time server through (UDP port 123), name one that it may reach in /etc/systemd/timesyncd.conf.',
    ],
    watch: { kind: 'threshold', metric: 'clock.offsetSeconds', direction: 'above', raiseAt: 60, clearAt: 10, forMs: 0 },
  },
  {
    key: 'messages-dropped',
    severity: 'warning',
    title: 'Messages were lost',
    description: 'The gateway gave up {change} messages because its memory for them was full.',
    cause: 'It was away from us for longer than its memory holds, or something in the house reports far too often.',
    suggestion: [
      'Look at how long it was disconnected: after an outage of days this is to be expected, and passes by itself.',
      'If it was connected, look which sensor reports most often, and have it report changes only.',
    ],
    watch: {
      kind: 'rate',
      metric: 'spool.droppedMessages',
      direction: 'above',
      raiseAt: 1,
      clearAt: 0,
      windowMs: 3600_000,
      forMs: 0,
    },
  },
];

export const DEFAULT_RULES: readonly Rule[] = [...GATEWAY_RULES, ...DEFAULT_SENSOR_RULES].map((rule) => ({
  ...BUILT_IN,
  ...rule,
}));

/** The rule as it came; undefined for one of somebody's own. */
export function defaultRule(key: string): Rule | undefined {
  return DEFAULT_RULES.find((rule) => rule.key === key);
}
