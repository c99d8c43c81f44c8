import { expect, test } from 'bun:test';
import { configurationDesired, configurationReported, type ConfigurationValues, type Frame } from '@lovely/protocol';
import { Configuration, memoryConfigurationStore } from './configuration.ts';
import { silentLog } from './log.ts';

test('values are taken whenever they are others, also under a version that was told before', () => {
  const frames: Frame[] = [];
  const handed: [sensor: string, values: ConfigurationValues][] = [];
  const configuration = new Configuration({
    store: memoryConfigurationStore(),
    configure: (sensor, values) => void handed.push([sensor, values]),
    submit: (make) => void frames.push(make(frames.length)),
    log: silentLog,
  });
  const tell = (version: number, values: ConfigurationValues): void => {
    configuration.handle(configurationDesired.frame({}, { version, values }), undefined as never);
  };
  tell(1, { limit: 1, 'sensor/oven-1/target': 180 });
  tell(1, { limit: 1, 'sensor/oven-1/target': 180 });
  expect(handed).toEqual([['oven-1', { target: 180 }]]);
  tell(1, { limit: 2 });
  expect(configuration.values).toEqual({ limit: 2 });
  expect(handed.at(-1)).toEqual(['oven-1', {}]);
  expect(frames.map((frame) => configurationReported.read(frame).body.values.limit)).toEqual([1, 1, 2]);
});
