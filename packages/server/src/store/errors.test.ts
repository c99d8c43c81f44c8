import { afterAll, beforeAll, expect, test } from 'bun:test';
import { isBadInput } from './errors.ts';
import { PostgresClient, startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';

let databases: TestDatabases;
let one: PostgresClient;
let other: PostgresClient;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  const connectionString = await databases.createEmpty();
  [one, other] = [new PostgresClient({ connectionString }), new PostgresClient({ connectionString })];
  await Promise.all([one.connect(), other.connect()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([one.end(), other.end()]);
  await databases[Symbol.asyncDispose]();
});

const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

test('a row that a table does not take is bad input', async () => {
  await one.query('create table small (value int check (value < 10))');
  for (const value of ['10', '99999999999', 'no number'])
    expect(isBadInput(await errorOf(one.query('insert into small values ($1)', [value])))).toBe(true);
});

test('a row whose partition was made while it was on its way is not: the next try finds it', async () => {
  await one.query('create table days (day int) partition by list (day)');
  await one.query('create table days_default partition of days default');
  await one.query('begin');
  await one.query('lock table days_default in access exclusive mode');
  const insert = errorOf(other.query('insert into days values (1)'));
  const isWaiting = async (): Promise<boolean> =>
    (await one.query('select from pg_locks where not granted')).rowCount === 1;
  while (!(await isWaiting()));
  await one.query('create table days_1 (like days)');
  await one.query('alter table days attach partition days_1 for values in (1)');
  await one.query('commit');
  const error = await insert;
  expect(String(error)).toContain('violates partition constraint');
  expect(isBadInput(error)).toBe(false);
  await other.query('insert into days values (1)');
});
