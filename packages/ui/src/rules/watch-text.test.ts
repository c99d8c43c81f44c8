import { expect, test } from 'bun:test';
import { ruleOfText, targetText, watchText } from './watch-text.ts';

const MINUTE = 60_000;

test('what a rule watches is a sentence with units', () => {
  expect(
    [
      watchText({
        kind: 'threshold',
        metric: 'disk.*.usedPercent',
        direction: 'above',
        raiseAt: 90,
        clearAt: 85,
        forMs: 5 * MINUTE,
      }),
      watchText({
        kind: 'rate',
        metric: 'pressure.bar',
        direction: 'below',
        raiseAt: -0.5,
        clearAt: -0.1,
        windowMs: 60 * MINUTE,
        forMs: 0,
      }),
      watchText({ kind: 'state', metric: 'burner.state', states: ['fault', 'locked'], forMs: MINUTE }),
      watchText({ kind: 'absence', metric: '', forMs: 10 * MINUTE }),
      watchText({ kind: 'flapping', metric: 'link.state', changes: 6, windowMs: 10 * MINUTE, quietMs: MINUTE }),
      watchText({ kind: 'service', targets: ['nginx', 'zigbee2mqtt'], forMs: 0 }),
      watchText({
        kind: 'log',
        unit: 'zigbee2mqtt',
        path: '',
        pattern: 'adapter disconnected',
        count: 1,
        windowMs: MINUTE,
        quietMs: MINUTE,
      }),
      watchText({ kind: 'offline', forMs: null }),
    ].join('\n'),
  ).toBe(`Disk in use is 90% or more for 5 minutes; good again at 85%
Pressure falls by 0.5 bar or more within 1 hour
Burner is fault or locked for 1 minute
nothing at all came for 10 minutes
Radio link changes 6 times within 10 minutes
nginx or zigbee2mqtt is not running
“adapter disconnected” stands once in the journal of zigbee2mqtt within 1 minute
the gateway is out of reach for longer than is usual`);
});

test('a target that names nothing is every house', () => {
  expect(targetText({ deviceTypes: [], groupIds: [], deviceIds: [] })).toBe('every house');
  expect(targetText({ deviceTypes: ['raspberrypi4'], groupIds: ['a', 'b'], deviceIds: ['c'] })).toBe(
    'gateways of type raspberrypi4, 2 groups and 1 house',
  );
});

test('sensors are named by their kinds and models', () => {
  expect(ruleOfText({ kind: 'gateway' })).toBe('the gateway');
  expect(ruleOfText({ kind: 'sensors', kinds: [], models: [] })).toBe('each sensor');
  expect(ruleOfText({ kind: 'sensors', kinds: ['oven', 'beehive'], models: ['HB 634'] })).toBe(
    'each kitchen oven or beehive of model HB 634',
  );
});
