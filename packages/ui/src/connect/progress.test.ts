import { expect, test } from 'bun:test';
import type { DeviceDetail } from '@lovely/api';
import { clientCommand, diagnosticCommand } from './command.ts';
import { currentStep, stepState, STEPS } from './progress.ts';

type Progress = Pick<DeviceDetail, 'status' | 'connectionChangedAt' | 'client' | 'location'>;

const device = (part: Partial<Progress>): Progress => ({
  status: 'accepted',
  connectionChangedAt: null,
  client: 'nice-smart-client 0.1.0',
  location: null,
  ...part,
});
const at = '2026-11-22T12:00:00Z';

test('a home goes through four steps', () => {
  const load = { source: '', name: 'load.1m', value: 0.1, ts: at };
  expect(currentStep(undefined, [])).toBe('waiting');
  expect(currentStep(device({ status: 'pending' }), [])).toBe('key');
  expect(currentStep(device({}), [load])).toBe('connected');
  expect(currentStep(device({ connectionChangedAt: at }), [])).toBe('connected');
  expect(currentStep(device({ connectionChangedAt: at }), [load])).toBe('placed');
  expect(
    currentStep(device({ connectionChangedAt: at, location: { latitude: 1, longitude: 2 } }), [load]),
  ).toBeUndefined();
});

test('a Mender client is in as soon as it is connected', () => {
  expect(currentStep(device({ connectionChangedAt: at, client: null }), [])).toBe('placed');
});

test('steps before the current one are done, those after it are to come', () => {
  expect(STEPS.map((step) => stepState(step, 'connected'))).toEqual(['done', 'done', 'now', 'later']);
  expect(STEPS.map((step) => stepState(step, undefined))).toEqual(['done', 'done', 'done', 'done']);
});

test('the lines for the gateway name the server', () => {
  expect(clientCommand('https://localhost:8443')).toBe(
    'npm run client -- --server https://localhost:8443 --ca ./data/ca.crt --data-dir ./gateway',
  );
  expect(diagnosticCommand('https://hub.example')).toContain('https://hub.example/livez');
});
