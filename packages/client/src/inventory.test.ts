import { expect, test } from 'bun:test';
import { hostname } from 'node:os';
import { inventoryReport } from '@lovely/protocol';
import { InventoryReporter, operatingSystem, readInventory } from './inventory.ts';

const options = { name: 'A house', serial: 'sn', deviceType: 'box', runtime: 'bun 1' };

test('the inventory fits the wire', () => {
  const { body } = inventoryReport.read(inventoryReport.frame({ id: 1 }, { ...readInventory(options) }));
  expect(body).toMatchObject({
    name: 'A house',
    serial_number: 'sn',
    device_type: 'box',
    hostname: hostname(),
    client: 'nice-smart-client',
  });
});

test('it is reported when it changed, not when it is looked at', () => {
  let submitted = 0;
  const reporter = new InventoryReporter(options, () => void submitted++);
  reporter.check();
  reporter.check();
  expect(submitted).toBe(1);
});

test('the operating system is its pretty name', () => {
  expect(operatingSystem('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
    'Debian GNU/Linux 12 (bookworm)',
  );
  expect(operatingSystem('')).toBe('unknown');
});
