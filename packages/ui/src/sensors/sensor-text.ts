/** A sensor in words. */
import { describeMetric, sensorKind, type Sensor } from '@lovely/api';
import { vitalOf, type Vital } from '../device/vitals.ts';

/** What kind it is, e.g. "Power outlet"; a kind of somebody's own by its own name. */
export function kindTitle(kind: string): string {
  return sensorKind(kind)?.title ?? kind;
}

export function sensorName({ name, kind, id }: Pick<Sensor, 'name' | 'kind' | 'id'>): string {
  return name === '' ? `${kindTitle(kind)} ${id}` : name;
}

/** "Kitchen · Shelly Plug S · 2.4.1", whatever of it is known. */
export function sensorDetail({ kind, place, model, firmware }: SensorWords): string {
  return [place, model === '' ? kindTitle(kind) : model, firmware].filter((part) => part !== '').join(' · ');
}

type SensorWords = Pick<Sensor, 'kind' | 'place' | 'model' | 'firmware'>;

const OVER: readonly string[] = ['success', 'rolled-back', 'failure', 'already-installed'];

/** Whether its firmware is being updated. */
export function isUpdating({ update }: Pick<Sensor, 'update'>): boolean {
  return update !== null && !OVER.includes(update.state);
}

/** Its last values written for people, the most telling first. */
export function sensorValues({ kind, values, reportedAt, createdAt }: SensorValues): Vital[] {
  const order: readonly string[] = sensorKind(kind)?.metrics ?? [];
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.entries(values)
    .toSorted(([one], [other]) => rank(one) - rank(other) || one.localeCompare(other, 'en', { numeric: true }))
    .map(([name, value]) => {
      const vital = vitalOf({ name, value, ts: reportedAt ?? createdAt });
      const { title } = describeMetric(name);
      // A metric that nobody has described is called by its name.
      return title === name ? vital : { ...vital, label: title };
    });
}

/** What tells the most at a glance, e.g. "on, 640 W", "55.2 °C", "fault"; empty where nothing was reported. */
export function mainValue(sensor: SensorValues): string {
  const values = sensorValues(sensor);
  const power = values.find(({ name }) => name.endsWith('.on'));
  const figure = values.find(({ name }) => typeof sensor.values[name] !== 'boolean')?.text ?? '';
  if (!power) return figure;
  return sensor.values[power.name] === true ? ['on', figure].filter((part) => part !== '').join(', ') : 'off';
}

type SensorValues = Pick<Sensor, 'kind' | 'values' | 'reportedAt' | 'createdAt'>;
