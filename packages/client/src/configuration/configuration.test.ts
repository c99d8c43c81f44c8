import { expect, test } from 'bun:test';
import {
  configurationDesired,
  configurationReported,
  configurationReverted,
  type ConfigurationProblems,
  type ConfigurationValues,
  type Frame,
} from '@lovely/protocol';
import { silentLog } from '../log.ts';
import { ManualClock } from '../../test/manual-clock.ts';
import { Configuration } from './configuration.ts';
import type { Machine } from './machine.ts';
import type { ConfigurationStore, StoredConfiguration } from './configuration-store.ts';

/** A machine that is told to start anew; the test says what becomes of that. */
class TestMachine implements Machine {
  life = 1;
  asked = 0;
  staysUp: (why: string) => void = () => undefined;

  bootId(): string {
    return `life ${this.life}`;
  }

  restart(signal: AbortSignal): Promise<string> {
    this.asked++;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.staysUp = resolve;
    signal.addEventListener('abort', () => resolve('it was called off'));
    return promise;
  }
}

/** A gateway whose disk outlives its client. */
function gateway(scripts?: (values: ConfigurationValues) => ConfigurationProblems) {
  let disk: StoredConfiguration | undefined;
  const store: ConfigurationStore = {
    load: () => structuredClone(disk),
    save(next) {
      disk = structuredClone(next);
      return true;
    },
  };
  const clock = new ManualClock();
  const frames: Frame[] = [];
  const handed: [sensor: string, values: ConfigurationValues][] = [];
  const ran: ConfigurationValues[] = [];
  const machine = new TestMachine();
  const start = (): Configuration =>
    new Configuration({
      store,
      machine,
      configure: (sensor, values) => void handed.push([sensor, values]),
      scripts: (values) => {
        ran.push(values);
        return Promise.resolve({ problems: scripts?.(values) ?? [], wantsRestart: values.restart === true });
      },
      submit: (make) => void frames.push(make(frames.length)),
      clock,
      log: silentLog,
    });
  const tell = async (
    to: Configuration,
    version: number,
    values: ConfigurationValues,
    confirmMs?: number,
  ): Promise<void> => {
    const limit = confirmMs === undefined ? {} : { confirmMs };
    to.handle(configurationDesired.frame({}, { version, values, ...limit }), undefined as never);
    await to.settled();
  };
  /** What it said, in short; the server stores all of it. */
  const said = (from = 0): string[] =>
    frames.slice(from).map((frame) => {
      if (configurationReverted.is(frame)) {
        const { version, reason } = configurationReverted.read(frame).body;
        return `reverted ${version} ${reason}`;
      }
      const { version, isConfirming, problems } = configurationReported.read(frame).body;
      return `reported ${version}${isConfirming ? ' confirming' : ''}${problems ? ` ${problems[0]!.message}` : ''}`;
    });
  const acknowledge = (to: Configuration): void => to.acknowledged(frames.map((_, id) => id));
  const elapse = async (of: Configuration, ms: number): Promise<void> => {
    clock.advance(ms);
    await of.settled();
  };
  return { clock, frames, handed, ran, start, tell, said, acknowledge, elapse, machine, disk: () => disk };
}

test('values are taken whenever they are others, also under a version that was told before', async () => {
  const { start, tell, handed, frames } = gateway();
  const configuration = start();
  await tell(configuration, 1, { limit: 1, 'sensor/oven-1/target': 180 });
  await tell(configuration, 1, { limit: 1, 'sensor/oven-1/target': 180 });
  expect(handed).toEqual([['oven-1', { target: 180 }]]);
  await tell(configuration, 1, { limit: 2 });
  expect(configuration.values).toEqual({ limit: 2 });
  expect(handed.at(-1)).toEqual(['oven-1', {}]);
  expect(frames.map((frame) => configurationReported.read(frame).body.values.limit)).toEqual([1, 1, 2]);
});

test('values are confirmed when their time is over, the server has the report and the connection holds', async () => {
  const { start, tell, said, acknowledge, elapse, disk } = gateway();
  const configuration = start();
  configuration.connected();
  await tell(configuration, 1, { limit: 1 });
  await tell(configuration, 2, { limit: 2 }, 10_000);
  acknowledge(configuration);
  await elapse(configuration, 9_999);
  expect(disk()?.trial).toBeDefined();
  await elapse(configuration, 1);
  expect(said()).toEqual(['reported 1', 'reported 2 confirming', 'reported 2']);
  expect(disk()).toMatchObject({ version: 2, values: { limit: 2 } });
  expect(disk()?.trial).toBeUndefined();
});

test.each([
  ['the connection was lost', (configuration: Configuration) => configuration.disconnected(), true],
  ['the server has no report', () => undefined, false],
] as const)('it goes back when %s, runs the scripts for the old values, and says so', async (_, happen, isAcked) => {
  const { start, tell, said, acknowledge, elapse, ran } = gateway();
  const configuration = start();
  configuration.connected();
  await tell(configuration, 1, { limit: 1 });
  await tell(configuration, 2, { limit: 2 }, 10_000);
  if (isAcked) acknowledge(configuration);
  happen(configuration);
  await elapse(configuration, 10_000);
  expect(said()).toEqual(['reported 1', 'reported 2 confirming', 'reverted 2 no-connection', 'reported 1']);
  expect(configuration.values).toEqual({ limit: 1 });
  expect(ran).toEqual([{ limit: 1 }, { limit: 2 }, { limit: 1 }]);
});

test('it does not take again what it went back from, and takes what comes after', async () => {
  const { start, tell, said, elapse, frames } = gateway();
  const configuration = start();
  await tell(configuration, 1, { limit: 1 });
  await tell(configuration, 2, { limit: 2 }, 1000);
  await elapse(configuration, 1000);
  const before = frames.length;
  const again = start();
  await tell(again, 2, { limit: 2 }, 1000);
  expect(said(before)).toEqual(['reverted 2 no-connection', 'reported 1']);
  expect(again.values).toEqual({ limit: 1 });
  await tell(again, 3, { limit: 2 });
  expect(again.values).toEqual({ limit: 2 });
});

test('a change that comes before the last is confirmed goes back to what was confirmed', async () => {
  const { start, tell, elapse } = gateway();
  const configuration = start();
  await tell(configuration, 1, { limit: 1 });
  await tell(configuration, 2, { limit: 2 }, 1000);
  await tell(configuration, 3, { limit: 3 }, 1000);
  await elapse(configuration, 1000);
  expect(configuration.values).toEqual({ limit: 1 });
});

test('a client that is killed while values are on trial gives them their time again, and goes back when it keeps stopping', async () => {
  const { start, tell, said, elapse, frames } = gateway();
  const first = start();
  await tell(first, 1, { limit: 1 });
  await tell(first, 2, { limit: 2 }, 1000);
  const second = start();
  await second.settled();
  expect(second.values).toEqual({ limit: 2 });
  await start().settled();
  const before = frames.length;
  const fourth = start();
  await fourth.settled();
  expect(said(before)).toEqual(['reverted 2 restarts', 'reported 1']);
  expect(fourth.values).toEqual({ limit: 1 });
  await elapse(fourth, 10_000);
  expect(start().values).toEqual({ limit: 1 });
});

test('scripts that fail are told, and values on trial go back at once', async () => {
  const { start, tell, said } = gateway((values) =>
    values.limit === 13 ? [{ message: '10-limit ended with 1' }] : [],
  );
  const configuration = start();
  await tell(configuration, 1, { limit: 1 });
  await tell(configuration, 2, { limit: 13 });
  expect(said().at(-1)).toBe('reported 2 10-limit ended with 1');
  await tell(configuration, 3, { limit: 1 });
  await tell(configuration, 4, { limit: 13 }, 1000);
  expect(said().slice(-2)).toEqual(['reverted 4 failed', 'reported 3']);
});

test('scripts run again at the start when the client stopped while they ran, and only then', async () => {
  const { start, tell, ran, disk } = gateway();
  const configuration = start();
  await tell(configuration, 1, { limit: 1 });
  await start().settled();
  expect(ran).toEqual([{ limit: 1 }]);
  disk()!;
  Object.assign(disk()!, { isApplied: false });
  await start().settled();
  expect(ran).toEqual([{ limit: 1 }, { limit: 1 }]);
});

const NEEDS_RESTART = { limit: 2, restart: true };

test('values that need a restart get it, once, and are confirmed by the connection that holds after it', async () => {
  const { start, tell, acknowledge, elapse, machine, ran, disk } = gateway();
  const first = start();
  first.connected();
  await tell(first, 1, { limit: 1 });
  await tell(first, 2, NEEDS_RESTART, 1000);
  expect(machine.asked).toBe(1);
  acknowledge(first);
  await elapse(first, 5000);
  expect(disk()?.trial).toBeDefined();
  await first.close();
  machine.life++;
  const second = start();
  second.connected();
  await second.settled();
  acknowledge(second);
  await elapse(second, 1000);
  expect(disk()?.trial).toBeUndefined();
  expect(second.values).toEqual(NEEDS_RESTART);
  expect(machine.asked).toBe(1);
  expect(ran).toEqual([{ limit: 1 }, NEEDS_RESTART]);
});

test('a client that starts again before the machine does asks for the restart once more', async () => {
  const { start, tell, machine } = gateway();
  const first = start();
  await tell(first, 1, NEEDS_RESTART);
  await first.close();
  await start().settled();
  expect(machine.asked).toBe(2);
});

test('a restart that does not happen is told, and values on trial go back', async () => {
  const { start, tell, said, machine } = gateway();
  const configuration = start();
  const stayUp = async (): Promise<void> => {
    machine.staysUp('it is busy');
    await Bun.sleep(0);
    await configuration.settled();
  };
  await tell(configuration, 1, { limit: 1 });
  await tell(configuration, 2, NEEDS_RESTART, 1000);
  await stayUp();
  expect(said().slice(-2)).toEqual(['reverted 2 failed', 'reported 1']);
  await tell(configuration, 3, NEEDS_RESTART);
  await stayUp();
  expect(said().at(-1)).toStartWith('reported 3 The machine was to start anew');
  expect(said().at(-1)).toEndWith('it is busy');
  expect(machine.asked).toBe(2);
});

test('a connection that is lost while the restart is waited for brings the values before back, without a restart', async () => {
  const { start, tell, said, elapse, machine, ran } = gateway();
  const configuration = start();
  configuration.connected();
  await tell(configuration, 1, { limit: 1 });
  await tell(configuration, 2, NEEDS_RESTART, 1000);
  configuration.disconnected();
  await elapse(configuration, 1000);
  expect(said().slice(-2)).toEqual(['reverted 2 no-connection', 'reported 1']);
  expect(ran.at(-1)).toEqual({ limit: 1 });
  const again = start();
  await again.settled();
  expect(machine.asked).toBe(1);
});

test('a machine that comes up again and again before values are confirmed has the values before in the end', async () => {
  const { start, tell, machine } = gateway();
  let configuration = start();
  await tell(configuration, 1, { limit: 1 });
  await tell(configuration, 2, NEEDS_RESTART, 1000);
  for (let life = 0; life < 3; life++) {
    await configuration.close();
    machine.life++;
    configuration = start();
    await configuration.settled();
  }
  expect(configuration.values).toEqual({ limit: 1 });
  expect(machine.asked).toBe(1);
});
