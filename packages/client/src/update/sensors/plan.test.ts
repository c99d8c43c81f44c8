/** The plan of sensors by itself: whatever drivers answer, it comes to an end, and to one that may be told. */
import { expect, test } from 'bun:test';
import { readSensorFirmware } from '@lovely/artifact';
import fc from 'fast-check';
import type { StepEnd } from './driver.ts';
import {
  afterStep,
  chooseSensors,
  isOver,
  percentOf,
  stepOf,
  switchable,
  switching,
  turnBack,
  type SensorRecord,
} from './plan.ts';

const STEPS_MAX = 2000;
const stepEnd: fc.Arbitrary<StepEnd> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('done'), firmware: fc.constantFrom('1.0', '2.0', '7', '', undefined) }),
  },
  fc.record({ kind: fc.constantFrom('failed', 'refused'), message: fc.string() }),
  fc.record({ kind: fc.constant('later'), retryAfterMs: fc.constant(undefined), message: fc.string() }),
);

function sensors(
  count: number,
  isAtomic: boolean,
): { records: SensorRecord[]; course: Parameters<typeof afterStep>[2] } {
  const firmware = readSensorFirmware({ version: '2.0', kinds: ['bulb'], atomic: isAtomic });
  const described = Array.from({ length: count }, (_, index) => {
    return { id: `s${index}`, kind: 'bulb', name: '', model: '', serial: '', firmware: '1.0', place: '' };
  });
  return {
    records: chooseSensors(firmware, described, undefined),
    course: { version: '2.0', waitMs: 3 * 3600_000, isAtomic },
  };
}

/** One step of every sensor that may take one; false when none may. */
function turn(records: SensorRecord[], ends: Iterator<StepEnd>, course: Parameters<typeof afterStep>[2]): boolean {
  const switchers = switchable(records, course.isAtomic, () => 0);
  let hasMoved = false;
  for (const [index, record] of records.entries()) {
    const now = switchers.includes(record) ? switching(record) : record;
    if (stepOf(now) === undefined) continue;
    const end = ends.next().value as StepEnd;
    const waited = end.kind === 'later' ? { ...now, waitedMs: now.waitedMs + 3600_000 } : now;
    records[index] = afterStep(waited, end, course);
    hasMoved = true;
  }
  return hasMoved;
}

function* endless(ends: readonly StepEnd[]): Generator<StepEnd, never> {
  for (;;) yield* ends;
}

test('whatever the drivers answer, every sensor comes to an end, forwards and back', () => {
  fc.assert(
    fc.property(fc.array(stepEnd, { minLength: 1, maxLength: 60 }), fc.boolean(), (answers, isAtomic) => {
      const { records, course } = sensors(3, isAtomic);
      const ends = endless(answers);
      const isStopped = (): boolean => isAtomic && records.some(({ stage }) => stage === 'failed');
      for (let steps = 0; !isStopped() && turn(records, ends, course); steps++) expect(steps).toBeLessThan(STEPS_MAX);
      if (!isStopped()) {
        expect(records.every(isOver)).toBe(true);
        if (isAtomic) expect(records.every(({ stage }) => stage === 'done' || stage === 'already')).toBe(true);
      }
      const back = records.map((record) => turnBack(record, 'another failed'));
      for (let steps = 0; turn(back, ends, course); steps++) expect(steps).toBeLessThan(STEPS_MAX);
      for (const record of back) {
        expect(['old', 'lost', 'already']).toContain(record.stage);
        // Nobody is lost who never switched; nobody is old without a word of it, once it has.
        if (record.stage === 'lost') expect([record.isSwitched, record.message !== '']).toEqual([true, true]);
        expect(percentOf(record)).toBe(100);
      }
    }),
    { numRuns: 500 },
  );
});

test('no sensor of all or nothing switches while another lacks the firmware', () => {
  fc.assert(
    fc.property(fc.array(stepEnd, { minLength: 1, maxLength: 60 }), (answers) => {
      const { records, course } = sensors(4, true);
      const ends = endless(answers);
      for (let steps = 0; steps < 100; steps++) {
        const isBegun = records.some(({ isSwitched }) => isSwitched);
        const lacks = records.some(({ stage }) => ['describe', 'prepare', 'transfer', 'verify'].includes(stage));
        if (!isBegun && lacks) expect(switchable(records, true, () => 0)).toEqual([]);
        if (records.some(({ stage }) => stage === 'failed') || !turn(records, ends, course)) break;
      }
    }),
  );
});
