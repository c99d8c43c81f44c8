import { describeMetric, METRIC_CATALOGUE, SENSOR_KINDS, type RuleDraft } from '@lovely/api';
import { Autocomplete } from '@mantine/core';
import styles from './MetricField.module.css';

/** Names a metric: one that is known for gateways or sensors, or any other. */
export function MetricField({
  of,
  value,
  error,
  isReadOnly,
  mayBeAny,
  onChange,
}: {
  of: RuleDraft['of'];
  value: string;
  error: string | undefined;
  isReadOnly: boolean;
  /** Empty is then any metric. */
  mayBeAny: boolean;
  onChange: (metric: string) => void;
}) {
  const ofSensors = new Set<string>(Object.values(SENSOR_KINDS).flatMap(({ metrics }) => metrics));
  const offered = METRIC_CATALOGUE.map(({ pattern }) => pattern).filter(
    (pattern) => ofSensors.has(pattern) === (of.kind === 'sensors'),
  );
  return (
    <Autocomplete
      label="Metric"
      description={
        of.kind === 'gateway' ? 'One * stands for each disk, zone or interface; each is watched on its own.' : undefined
      }
      placeholder={mayBeAny ? 'Any metric' : 'temperature.cpu.celsius'}
      data={offered}
      renderOption={({ option }) => (
        <span className={styles.metric}>
          {describeMetric(option.value).title} <code>{option.value}</code>
        </span>
      )}
      value={value}
      error={error}
      disabled={isReadOnly}
      onChange={onChange}
    />
  );
}
