/** The fixes that every new tenant starts with, for the default rules. */
import type { FixAction, FixAutomatic, FixParameter } from '@lovely/api';
import { OFFLINE_RULE } from './default-rules.ts';

export interface DefaultFix {
  /** Names it within a tenant, for ever. */
  readonly key: string;
  readonly rule: string;
  readonly title: string;
  readonly steps: readonly string[];
  readonly risk: 'low' | 'medium' | 'high';
  readonly takesMs: number | null;
  readonly parameters: readonly FixParameter[];
  readonly actions: readonly FixAction[];
  readonly checkMs: number;
}

/** No fix runs by itself before somebody says so. */
export const NOT_AUTOMATIC: FixAutomatic = {
  enabled: false,
  perHouseAndDayMax: 1,
  perHourMax: 20,
  minSuccess: 0.7,
  severities: [],
  groupIds: [],
};

const CHECK_MS = 120_000;

export const DEFAULT_FIXES: readonly DefaultFix[] = [
  fix('vacuum-journal', 'disk-almost-full', 'Cut the system journal', {
    steps: [
      'Deletes the oldest entries of the system journal until it is no larger than the size chosen.',
      'Only helps where the journal lies on the disk that is full.',
    ],
    takesMs: 10_000,
    parameters: [
      { name: 'size', title: 'Keep at most', type: 'choice', choices: ['20M', '50M', '200M'], default: '50M' },
    ],
    actions: [command('vacuum-journal', { size: '{size}' })],
  }),
  fix('clean-temporary-files', 'disk-almost-full', 'Delete old temporary files', {
    steps: [
      'Deletes files under /tmp and /var/tmp that nothing has changed for some days.',
      'Programs that keep something there for longer may miss it.',
    ],
    risk: 'medium',
    takesMs: 20_000,
    parameters: [{ name: 'days', title: 'Older than (days)', type: 'number', choices: [], default: 7 }],
    actions: [
      command('remove-old-files', { path: '/tmp', days: '{days}' }),
      command('remove-old-files', { path: '/var/tmp', days: '{days}' }),
    ],
  }),
  fix('restart-service', 'service-down', 'Restart the service', {
    steps: ['Starts the service again. What it was doing begins anew.'],
    takesMs: 15_000,
    actions: [command('restart-service', { service: '{target}' })],
  }),
  fix('restart-failed-services', 'service-failed', 'Restart what failed', {
    steps: ['Forgets the failure of each service that systemd has given up on, and starts it again.'],
    takesMs: 30_000,
    actions: [command('restart-failed-services', {}, 120_000)],
  }),
  fix('restart-largest-program', 'memory-pressure', 'Restart what holds the most memory', {
    steps: [
      'Finds the program that holds the most memory. A service is restarted, anything else is ended.',
      'What it was doing is lost. If it grows again, it needs an update and not a restart.',
    ],
    risk: 'medium',
    takesMs: 20_000,
    actions: [command('restart-largest-program')],
  }),
  fix('reboot', 'memory-pressure', 'Reboot the gateway', {
    steps: ['Everything on the gateway stops and starts anew; the house is away for a minute or two.'],
    risk: 'high',
    takesMs: 120_000,
    actions: [command('reboot')],
    checkMs: 300_000,
  }),
  fix('power-cycle', OFFLINE_RULE, 'Switch it off and on', {
    steps: [
      'Nothing can be run on a gateway that is away: ask somebody in the house.',
      'Pull the plug of the gateway, wait ten seconds, plug it in again.',
      'If it is not back within five minutes, look at the router: do its lights say that there is internet?',
    ],
    takesMs: 300_000,
  }),
  sensorFix('reset-hot-outlet', 'outlet-overheating', 'Switch the outlet off', 'switch-off', {
    steps: ['Switches the outlet off. What is plugged in has no power until somebody switches it on again.'],
    risk: 'medium',
  }),
  sensorFix('switch-off-outlet', 'outlet-overload', 'Switch the outlet off', 'switch-off', {
    steps: ['Switches the outlet off. What is plugged in has no power until somebody switches it on again.'],
    risk: 'medium',
  }),
  sensorFix('reset-bulb', 'bulb-unreachable', 'Reset the bulb', 'reset', {
    steps: ['Has the lamp join its radio network again. It may blink.'],
  }),
  sensorFix('switch-off-oven', 'oven-left-on', 'Switch the oven off', 'switch-off', {
    steps: ['Switches the oven off. Ask first whether somebody is cooking.'],
    risk: 'medium',
  }),
  sensorFix('reset-burner', 'heating-burner-fault', 'Reset the burner', 'reset-burner', {
    steps: ['Clears the fault of the burner, which then tries to light again.', 'After three tries call a fitter.'],
    risk: 'medium',
    takesMs: 60_000,
    checkMs: 300_000,
  }),
  sensorFix('restart-heating', 'heating-flow-cold', 'Restart the heating control', 'restart', {
    steps: ['Restarts the control of the heating; the burner begins anew.'],
    takesMs: 60_000,
    checkMs: 600_000,
  }),
  sensorFix('restart-inverter', 'solar-inverter-fault', 'Restart the inverter', 'restart', {
    steps: ['Restarts the inverter. It yields nothing for about a minute.'],
    takesMs: 60_000,
    checkMs: 300_000,
  }),
];

interface Rest {
  readonly steps: readonly string[];
  readonly risk?: DefaultFix['risk'];
  readonly takesMs?: number;
  readonly parameters?: readonly FixParameter[];
  readonly actions?: readonly FixAction[];
  readonly checkMs?: number;
}

function fix(key: string, rule: string, title: string, rest: Rest): DefaultFix {
  return { key, rule, title, risk: 'low', takesMs: null, parameters: [], actions: [], checkMs: CHECK_MS, ...rest };
}

function sensorFix(key: string, rule: string, title: string, name: string, rest: Rest): DefaultFix {
  const action: FixAction = { kind: 'command', name, parameters: {}, onSensor: true, timeoutMs: 60_000 };
  return fix(key, rule, title, { takesMs: 10_000, actions: [action], ...rest });
}

function command(name: string, parameters: Record<string, string> = {}, timeoutMs = 60_000): FixAction {
  return { kind: 'command', name, parameters, onSensor: false, timeoutMs };
}
