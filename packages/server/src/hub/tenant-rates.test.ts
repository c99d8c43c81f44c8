import { expect, test } from 'bun:test';
import { createTenantRates } from './tenant-rates.ts';

test('a tenant that floods is held to its rate, another passes beside it', async () => {
  let nowMs = 0;
  const rates = createTenantRates(
    (tenant) => Promise.resolve(tenant === 'small' ? 10 : undefined),
    () => nowMs,
  );
  rates.take('small', 1);
  rates.take('large', 1);
  await Promise.resolve();
  const passed = (tenant: string): number =>
    Array.from({ length: 1000 }, () => rates.take(tenant, 1)).filter(Boolean).length;
  expect([passed('small'), passed('large')]).toEqual([100, 1000]);
  nowMs += 2_000;
  expect([passed('small'), passed('large')]).toEqual([20, 1000]);
});

test('a changed limit is known after a while, and a database that is away changes nothing', async () => {
  let nowMs = 0;
  let answer: () => Promise<number | undefined> = () => Promise.resolve(1);
  const rates = createTenantRates(
    () => answer(),
    () => nowMs,
  );
  const passed = async (): Promise<number> => {
    rates.take('a', 0);
    await Bun.sleep(0);
    return Array.from({ length: 100 }, () => rates.take('a', 1)).filter(Boolean).length;
  };
  expect(await passed()).toBe(10);
  answer = () => Promise.reject(new Error('away'));
  nowMs += 60_000;
  expect(await passed()).toBe(10);
  answer = () => Promise.resolve(undefined);
  nowMs += 60_000;
  expect(await passed()).toBe(100);
});
