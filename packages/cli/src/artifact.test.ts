import { afterAll, beforeAll, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, testWith } from '../../../tests/tools.ts';
import { artifactCommand } from './artifact.ts';

let folder: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-cli-test-'));
  await writeFile(path('app.bin'), 'the application');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...words: string[]) => artifactCommand(words, false);
const base = () => ['name=release-7', 'device-type=house-gateway', 'type=single-file', `file=${path('app.bin')}`];

test('an artifact is made of a file, told and found whole', async () => {
  const output = path('a.mender');
  await run('write', `output=${output}`, ...base(), 'provides=app:7', 'depends=os:12', 'device-type=other');
  const told = await run('read', output);
  for (const words of ['release-7 for house-gateway, other', 'provides app = 7', 'needs os = 12', 'app.bin, 15 bytes'])
    expect(told).toContain(words);
  expect(JSON.parse(await artifactCommand(['read', output], true))).toMatchObject({ header: { name: 'release-7' } });
  expect(await run('validate', output)).toContain('is whole');
});

testWith('mender-artifact')("a root file system provides and clears what Mender's own tool says of it", async () => {
  const [ours, theirs] = [path('ours.mender'), path('theirs.mender')];
  await run('write', `output=${ours}`, 'name=os-7', 'device-type=gate', 'type=rootfs-image', `file=${path('app.bin')}`);
  const words = ['-t', 'gate', '-n', 'os-7', '-f', path('app.bin'), '-o', theirs];
  Bun.spawnSync([requireTool('mender-artifact'), 'write', 'rootfs-image', ...words]);
  const [ourPayload, theirPayload] = await Promise.all(
    [ours, theirs].map(async (file) => {
      const { header } = JSON.parse(await artifactCommand(['read', file], true)) as {
        header: { payloads: { type: string; provides: object; clearsProvides: string[] }[] };
      };
      const { type, provides, clearsProvides } = header.payloads[0]!;
      return { type, provides, clears: clearsProvides.toSorted() };
    }),
  );
  expect(ourPayload).toEqual(theirPayload);
});

test('a signature is looked at with the key that is given', async () => {
  const keys = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  await writeFile(path('private.pem'), keys[0]!.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  for (const [at, { publicKey }] of keys.entries())
    await writeFile(path(`${at}.pem`), publicKey.export({ type: 'spki', format: 'pem' }));
  const output = path('signed.mender');
  await run('write', `output=${output}`, ...base(), `key=${path('private.pem')}`);
  expect(await run('validate', output, `key=${path('0.pem')}`)).toContain('signed with this key');
  expect(run('validate', output, `key=${path('1.pem')}`)).rejects.toThrow('not signed with the key');
  await run('write', `output=${output}`, ...base());
  expect(run('validate', output, `key=${path('0.pem')}`)).rejects.toThrow('is not signed');
});

test('what is missing or mistyped is told, and nothing half made is left', async () => {
  const output = `output=${path('never.mender')}`;
  expect(run()).rejects.toThrow('lovely artifact write');
  expect(run('write', output, 'name=x')).rejects.toThrow('type=… is missing');
  expect(run('write', output, ...base(), 'colour=red')).rejects.toThrow('"colour=red" is none of');
  expect(run('write', output, ...base(), 'compression=zip')).rejects.toThrow('compression is one of');
  await writeFile(path('no good name'), '');
  const refusals = [run('write', output, ...base(), `file=${path('no good name')}`), run('read', path('app.bin'))];
  const [writing, reading] = await Promise.allSettled(refusals);
  expect(String((writing as PromiseRejectedResult).reason)).toContain('file names have');
  expect(reading).toMatchObject({ status: 'rejected' });
  expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
});

test('firmware of sensors is made of files and words, several in one plan', async () => {
  const output = path('sensors.mender');
  const sensors = ['kind=light-bulb', 'model=Lumo E27', 'version=2.4.1', 'driver=zigbee', 'atomic=no', 'parallel=8'];
  const heating = [
    'type=sensor-firmware',
    'kind=heating',
    'version=7',
    `file=${path('app.bin')}`,
    'wait-seconds=86400',
  ];
  await run(
    'write',
    'sensor-firmware',
    `output=${output}`,
    'name=sensors-7',
    'device-type=house-gateway',
    `file=${path('app.bin')}`,
    ...sensors,
    '+',
    ...heating,
  );
  const { header } = JSON.parse(await artifactCommand(['read', output], true)) as {
    header: { payloads: { type: string; metaData: object; provides: object; clearsProvides: string[] }[] };
  };
  expect(header.payloads.map(({ metaData }) => metaData)).toEqual([
    { kinds: ['light-bulb'], models: ['Lumo E27'], version: '2.4.1', driver: 'zigbee', atomic: false, parallel: 8 },
    { kinds: ['heating'], version: '7', waitSeconds: 86_400 },
  ]);
  expect(header.payloads.map(({ type, provides, clearsProvides }) => [type, provides, clearsProvides])).toEqual([
    ['sensor-firmware', { 'sensor-firmware.lumo-e27.version': '2.4.1' }, ['sensor-firmware.lumo-e27.*']],
    ['sensor-firmware', { 'sensor-firmware.heating.version': '7' }, ['sensor-firmware.heating.*']],
  ]);
  const write = (...words: string[]) =>
    run('write', ...words, `output=${path('never.mender')}`, 'name=x', 'device-type=y');
  expect(write('sensor-firmware', 'kind=oven')).rejects.toThrow('version is a text');
  expect(write('sensor-firmware', 'version=2')).rejects.toThrow('which sensors are meant');
  expect(write('sensor-firmware', 'version=2', 'kind=oven', 'atomic=maybe')).rejects.toThrow('atomic is yes or no');
  expect(write('sensor-firmware', 'version=2', 'kind=oven', 'parallel=many')).rejects.toThrow('parallel is an integer');
  expect(write('type=single-file', 'kind=oven')).rejects.toThrow('kind=… is for type=sensor-firmware');
  expect(write('type=single-file', '+', 'name=z')).rejects.toThrow('"name=z" is none of');
});

testWith('mender-artifact')('mender-artifact takes firmware of sensors beside software of the gateway', async () => {
  const output = path('plan.mender');
  const firmware = ['type=sensor-firmware', 'kind=oven', 'version=3', `file=${path('app.bin')}`];
  await run('write', `output=${output}`, ...base(), '+', ...firmware);
  const { stdout, stderr } = Bun.spawnSync([requireTool('mender-artifact'), 'validate', output], { stderr: 'pipe' });
  expect(stdout.toString() + stderr.toString()).toContain('validated successfully');
  const told = Bun.spawnSync([requireTool('mender-artifact'), 'read', output]).stdout.toString();
  for (const word of ['single-file', 'sensor-firmware', 'sensor-firmware.oven.version: 3'])
    expect(told).toContain(word);
});
