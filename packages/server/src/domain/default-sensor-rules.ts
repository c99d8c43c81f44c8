/** The rules of the kinds of sensors that the system knows (sensor-kinds.ts of @lovely/api). */
import type { SensorKindName } from '@lovely/api';
import type { Rule } from './rule.ts';

type SensorRule = Omit<Rule, 'target' | 'evaluatedBy' | 'enabled'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const of = (...kinds: SensorKindName[]): Rule['of'] => ({ kind: 'sensors', kinds, models: [] });

export const DEFAULT_SENSOR_RULES: readonly SensorRule[] = [
  {
    key: 'sensor-silent',
    severity: 'warning',
    title: 'Sensor is silent',
    description: '{sensor} has said nothing for {minutes} minutes.',
    cause: 'It has no power, is out of radio range, its battery is empty, or its program on the gateway has stopped.',
    suggestion: [
      'See whether other sensors of this house are silent too: then it is the program or the radio of the gateway.',
      'Ask whether the sensor has power, and whether something new stands between it and the gateway.',
      'Change its battery if it has one; switch it off and on again.',
    ],
    of: of(),
    watch: { kind: 'absence', metric: '', forMs: HOUR_MS },
  },
  {
    key: 'outlet-overheating',
    severity: 'critical',
    title: 'Power outlet overheats',
    description: '{sensor} is at {value} °C.',
    cause: 'A loose contact or too much load makes the outlet hot. It can start a fire.',
    suggestion: [
      'Switch the outlet off now, and have somebody pull out what is plugged in.',
      'Let an electrician look at the outlet before it is used again.',
    ],
    of: of('power-outlet'),
    watch: { kind: 'threshold', metric: 'outlet.celsius', direction: 'above', raiseAt: 70, clearAt: 55, forMs: 0 },
  },
  {
    key: 'outlet-overload',
    severity: 'warning',
    title: 'Power outlet carries too much',
    description: '{sensor} carries {value} A, made for 16.',
    cause: 'More is plugged in than the outlet is made for, often heaters on a power strip.',
    suggestion: [
      'Ask to plug one of the large devices (heater, kettle, dryer) into another outlet.',
      'Switch the outlet off if nobody answers.',
    ],
    of: of('power-outlet'),
    watch: {
      kind: 'threshold',
      metric: 'current.amperes',
      direction: 'above',
      raiseAt: 16,
      clearAt: 14,
      forMs: MINUTE_MS,
    },
  },
  {
    key: 'bulb-unreachable',
    severity: 'warning',
    title: 'Light bulb out of reach',
    description: '{sensor} does not answer.',
    cause: 'Somebody turned it off at the wall switch, it is broken, or it is out of radio range.',
    suggestion: ['Ask to leave the wall switch on.', 'If it stays dark with the switch on, replace the bulb.'],
    of: of('light-bulb'),
    watch: { kind: 'state', metric: 'link.state', states: ['unreachable', 'lost'], forMs: 10 * MINUTE_MS },
  },
  {
    key: 'oven-left-on',
    severity: 'critical',
    title: 'Oven left on',
    description: '{sensor} has been on for four hours.',
    cause: 'Somebody forgot to turn the oven off, or its thermostat is stuck.',
    suggestion: ['Call the people of the house.', 'If nobody answers, switch the oven off from here.'],
    of: of('oven'),
    watch: { kind: 'state', metric: 'oven.state', states: ['on', 'heating'], forMs: 4 * HOUR_MS },
  },
  {
    key: 'heating-pressure-low',
    severity: 'warning',
    title: 'Heating has too little water',
    description: 'The pressure of {sensor} is {value} bar.',
    cause:
      'Water is lost: a leak, a radiator that was bled, or a worn expansion vessel. Below 0.5 bar most burners stop.',
    suggestion: [
      'Have somebody fill water up to between 1.2 and 1.8 bar, with the heating cold.',
      'If the pressure falls again within weeks, let a plumber look for the leak.',
    ],
    of: of('heating'),
    watch: {
      kind: 'threshold',
      metric: 'pressure.bar',
      direction: 'below',
      raiseAt: 0.8,
      clearAt: 1,
      forMs: 5 * MINUTE_MS,
    },
  },
  {
    key: 'heating-burner-fault',
    severity: 'critical',
    title: 'Burner has a fault',
    description: 'The burner of {sensor} reports: {value}.',
    cause: 'The burner has locked itself: no gas or oil, no ignition, or a blocked flue.',
    suggestion: [
      'Ask whether there is gas or oil, and whether the emergency switch of the heating is on.',
      'Reset the burner once. If it locks itself again, call the heating engineer: do not keep resetting it.',
    ],
    of: of('heating'),
    watch: { kind: 'state', metric: 'burner.state', states: ['fault', 'lockout'], forMs: 30_000 },
  },
  {
    key: 'heating-flow-cold',
    severity: 'warning',
    title: 'Heating stays cold',
    description: 'The water that leaves {sensor} has {value} °C.',
    cause: 'The burner does not run, the pump has stopped, or the heating is set to summer.',
    suggestion: [
      'Look whether the burner has a fault and whether there is enough water.',
      'Ask whether the heating is set to summer or to holidays.',
    ],
    of: of('heating'),
    watch: {
      kind: 'threshold',
      metric: 'flow.celsius',
      direction: 'below',
      raiseAt: 15,
      clearAt: 25,
      forMs: 2 * HOUR_MS,
    },
  },
  {
    key: 'solar-inverter-fault',
    severity: 'critical',
    title: 'Inverter has a fault',
    description: 'The inverter of {sensor} reports: {value}.',
    cause: 'The inverter has switched itself off: grid out of bounds, insulation fault, or a defect.',
    suggestion: [
      'Look at its code on the display or in its manual.',
      'Restart the inverter once: first the DC switch off, then AC; after a minute AC, then DC on.',
      'After an insulation fault nobody touches the panels: call the installer.',
    ],
    of: of('solar-plant'),
    watch: { kind: 'state', metric: 'inverter.state', states: ['fault', 'error'], forMs: MINUTE_MS },
  },
  {
    key: 'solar-no-yield',
    severity: 'warning',
    title: 'Solar plant makes no power',
    description: '{sensor} has made no power for 20 hours, which is longer than a night.',
    cause: 'A fuse or switch is off, the inverter does not start, or snow lies on the panels.',
    suggestion: [
      'Look whether snow or leaves cover the panels.',
      'Ask whether the fuse of the plant and the DC switch are on.',
      'Restart the inverter; if it stays at nothing in sunshine, call the installer.',
    ],
    of: of('solar-plant'),
    watch: {
      kind: 'threshold',
      metric: 'power.watts',
      direction: 'below',
      raiseAt: 1,
      clearAt: 5,
      forMs: 20 * HOUR_MS,
    },
  },
];
