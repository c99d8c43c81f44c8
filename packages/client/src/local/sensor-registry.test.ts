import { afterAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sensorsTopology, type Frame } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { ManualClock } from '../../test/manual-clock.ts';
import { TOPOLOGY_BATCH_MS } from '../limits.ts';
import { SensorRegistry, type KnownSensor } from './sensor-registry.ts';

afterAll(removeTemporaryFolders);

const sensor = (id: string): KnownSensor => ({
  id,
  kind: 'oven',
  name: '',
  model: '',
  serial: '',
  firmware: '',
  place: '',
  user: 'uid 0',
});

function open(path: string): { registry: SensorRegistry; clock: ManualClock; told: () => string[] } {
  const frames: Frame[] = [];
  const clock = new ManualClock();
  const registry = new SensorRegistry({ path, clock, submit: (make) => void frames.push(make(1)) });
  const told = (): string[] =>
    frames.map((frame) =>
      sensorsTopology
        .read(frame)
        .body.map(({ id }) => id)
        .join(' '),
    );
  return { registry, clock, told };
}

test('what changes together is told in one message, and what stays is not told', () => {
  const { registry, clock, told } = open(join(temporaryFolder(), 'sensors.json'));
  clock.advance(TOPOLOGY_BATCH_MS);
  expect(told()).toEqual([]);
  registry.put(sensor('a'));
  registry.put(sensor('b'));
  clock.advance(TOPOLOGY_BATCH_MS);
  registry.put(sensor('a'));
  registry.remove('c');
  clock.advance(TOPOLOGY_BATCH_MS);
  registry.remove('a');
  clock.advance(TOPOLOGY_BATCH_MS);
  expect(told()).toEqual(['a b', 'b']);
});

test('sensors outlive a restart and are told once more', () => {
  const path = join(temporaryFolder(), 'sensors.json');
  open(path).registry.put(sensor('a'));
  const { registry, clock, told } = open(path);
  clock.advance(TOPOLOGY_BATCH_MS);
  expect([registry.get('a'), told()]).toEqual([sensor('a'), ['a']]);
});

test('a file that holds something else counts as none', () => {
  const path = join(temporaryFolder(), 'sensors.json');
  for (const content of ['', '{', '{}', '[null, 1, {}]', '[{"id":"a"}]']) {
    writeFileSync(path, content);
    expect(open(path).registry.size).toBe(0);
  }
});
