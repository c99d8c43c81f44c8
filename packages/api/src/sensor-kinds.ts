/**
 * The kinds of sensors that the system knows more about than their name: what they are called and what they report. A
 * sensor may be of any other kind; it is shown by its kind's name, and its metrics by their names.
 */

export interface SensorKind {
  readonly title: string;
  /** What a sensor of this kind reports, the most telling first; the unit is the last part of the name. */
  readonly metrics: readonly string[];
}

export const SENSOR_KINDS = {
  'power-outlet': {
    title: 'Power outlet',
    metrics: ['relay.on', 'power.watts', 'current.amperes', 'voltage.volts', 'energy.kilowattHours', 'outlet.celsius'],
  },
  'light-bulb': {
    title: 'Light bulb',
    metrics: ['light.on', 'brightness.percent', 'power.watts', 'energy.kilowattHours', 'link.state'],
  },
  oven: {
    title: 'Kitchen oven',
    metrics: ['oven.state', 'oven.celsius', 'target.celsius', 'door.open', 'power.watts'],
  },
  heating: {
    title: 'Heating system',
    metrics: ['burner.state', 'flow.celsius', 'return.celsius', 'water.celsius', 'pressure.bar', 'outdoor.celsius'],
  },
  'solar-plant': {
    title: 'Solar plant',
    metrics: ['inverter.state', 'power.watts', 'today.kilowattHours', 'grid.volts', 'panel.volts', 'inverter.celsius'],
  },
} as const satisfies Record<string, SensorKind>;

export type SensorKindName = keyof typeof SENSOR_KINDS;

/** What is known of a kind; undefined for one of somebody's own. */
export function sensorKind(name: string): SensorKind | undefined {
  return Object.hasOwn(SENSOR_KINDS, name) ? SENSOR_KINDS[name as SensorKindName] : undefined;
}
