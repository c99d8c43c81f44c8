/** Debian's unmodified update modules, with artifacts that Debian's mender-artifact wrote. */
import { afterAll, afterEach, beforeEach, expect } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateReport } from '@lovely/protocol';
import { requireTool, testWith } from '../../../../tests/tools.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { ArtifactServer } from '../../test/update/artifact-server.ts';
import {
  DEBIAN_MODULES,
  DEVICE_TYPE,
  endOf,
  logOf,
  offerTo,
  openRig,
  type Rig,
  type RigOptions,
  writeProgram,
} from '../../test/update/update-rig.ts';

let server: ArtifactServer;
let folder: string;
beforeEach(async () => {
  server = await ArtifactServer.start();
  folder = temporaryFolder();
  mkdirSync(join(folder, 'target'));
});
afterEach(() => server.stop());
afterAll(removeTemporaryFolders);

const withTools = testWith('mender-artifact', 'mender');
const at = (name: string): string => join(folder, name);

function put(name: string, content: string): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** The bytes of an artifact of release-2. */
function written(type: string, files: readonly string[], ...more: string[]): Uint8Array {
  const header = ['write', 'module-image', '-T', type, '-n', 'release-2', '-t', DEVICE_TYPE, '-o', at('artifact')];
  const payload = files.flatMap((file) => ['-f', file]);
  const { exitCode, stderr } = Bun.spawnSync([requireTool('mender-artifact'), ...header, ...payload, ...more], {
    stderr: 'pipe',
  });
  if (exitCode !== 0) throw new Error(stderr.toString());
  return readFileSync(at('artifact'));
}

async function install(
  bytes: Uint8Array,
  host: RigOptions['host'] = {},
): Promise<Rig & { readonly end: UpdateReport }> {
  const rig = openRig({ folder, server: server.url, host: { moduleDir: DEBIAN_MODULES, ...host } });
  offerTo(rig, { deployment: 'd', attempt: 1, artifact: server.serve('/a', 'release-2', bytes) });
  return { ...rig, end: await endOf(rig) };
}

withTools('single-file puts a file into its place, and back when a state script doesn’t like it', async () => {
  put('target/app', 'old');
  const files = [put('dest_dir', at('target')), put('filename', 'app'), put('permissions', '750'), put('app', 'new')];
  const script = put('ArtifactCommit_Enter_10_check', '#!/bin/sh\necho I do not like it >&2; exit 1\n');
  const refused = await install(written('single-file', files, '-s', script));
  expect(refused.end).toMatchObject({
    state: 'failure',
    isRolledBack: true,
    cause: { code: 'script-failed', step: 'ArtifactCommit_Enter_10_check' },
  });
  expect(logOf(refused)).toContain('I do not like it');
  expect(readFileSync(at('target/app'), 'utf8')).toBe('old');

  const { end } = await installAgain(written('single-file', files));
  expect(end.state).toBe('success');
  expect(readFileSync(at('target/app'), 'utf8')).toBe('new');
});

async function installAgain(bytes: Uint8Array): Promise<Rig & { readonly end: UpdateReport }> {
  const rig = openRig({ folder, server: server.url, host: { moduleDir: DEBIAN_MODULES } });
  offerTo(rig, { deployment: 'd', attempt: 2, artifact: server.serve('/a', 'release-2', bytes) });
  return { ...rig, end: await endOf(rig) };
}

for (const compression of ['none', 'gzip', 'lzma'])
  withTools(`directory replaces a folder, from an artifact packed with ${compression}`, async () => {
    put('target/old', 'old');
    mkdirSync(at('tree'));
    put('tree/new', 'new');
    Bun.spawnSync(['tar', '-cf', at('update.tar'), '-C', at('tree'), '.']);
    const bytes = written('directory', [at('update.tar'), put('dest_dir', at('target'))], '--compression', compression);
    expect((await install(bytes)).end.state).toBe('success');
    expect(existsSync(at('target/old'))).toBe(false);
    expect(readFileSync(at('target/new'), 'utf8')).toBe('new');
  });

withTools('script runs scripts; one that fails leaves software that nobody can vouch for', async () => {
  const { end } = await install(
    written('script', [put('run.sh', `#!/bin/sh\necho hello; touch ${at('target/ran')}\n`)]),
  );
  expect(end.state).toBe('success');
  expect(existsSync(at('target/ran'))).toBe(true);
  folder = temporaryFolder();
  const failed = await install(written('script', [put('run.sh', '#!/bin/sh\nexit 7\n')]));
  expect(failed.end).toMatchObject({ state: 'failure', isRolledBack: false, cause: { step: 'ArtifactInstall' } });
  expect(readFileSync(at('update/provides.1'), 'utf8')).toContain('release-2_INCONSISTENT');
});

withTools('deb gives a package to dpkg, and docker says when it isn’t there', async () => {
  mkdirSync(at('bin'));
  writeProgram(at('bin/dpkg'), 'echo "dpkg $*" >> $SANDBOX/dpkg-calls\n');
  const environment = { PATH: `${at('bin')}:/usr/bin:/bin`, SANDBOX: folder };
  const { end } = await install(written('deb', [put('app_1.0_all.deb', 'no package')]), { environment });
  expect(end.state).toBe('success');
  expect(readFileSync(at('dpkg-calls'), 'utf8')).toMatch(/^dpkg -i .*\/files\/app_1.0_all.deb\n$/);

  folder = temporaryFolder();
  const docker = await install(written('docker', [put('unused', '')]), { environment: { PATH: '/bin' } });
  expect(docker.end).toMatchObject({ state: 'failure', isRolledBack: true, cause: { step: 'Download' } });
  expect(logOf(docker)).toContain('ERROR: Must have docker installed to run this update module.');
});

withTools('with keys, only what one of them signed is installed', async () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const others = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const privateKey = put('key', keys.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string);
  const pem = (key: typeof keys.publicKey): string => key.export({ type: 'spki', format: 'pem' }) as string;
  const [good, other] = [put('good.pem', pem(keys.publicKey)), put('other.pem', pem(others.publicKey))];
  const file = put('run.sh', '#!/bin/sh\n');
  const causeOf = async (bytes: Uint8Array, artifactKeys: string[]): Promise<string> => {
    const { end } = await install(bytes, { artifactKeys });
    return end.cause?.code ?? end.state;
  };
  const [signed, unsigned] = [written('script', [file], '-k', privateKey), written('script', [file])];
  expect(await causeOf(unsigned, [other, good])).toBe('unsigned');
  folder = temporaryFolder();
  expect(await causeOf(signed, [other])).toBe('bad-signature');
  folder = temporaryFolder();
  expect(await causeOf(signed, [other, good])).toBe('success');
});

withTools('what doesn’t fit this gateway is refused before any of its payload counts', async () => {
  const file = put('run.sh', '#!/bin/sh\n');
  const cases = [
    [['-t', 'toaster'], 'success'],
    [['-d', 'os:12'], 'missing-depends'],
    [['-N', 'release-1'], 'missing-depends'],
  ] as const;
  for (const [args, code] of cases) {
    const { end } = await install(written('script', [file], ...args));
    expect(end.cause?.code ?? end.state).toBe(code);
    folder = temporaryFolder();
    put('run.sh', '#!/bin/sh\n');
  }
  const unknown = await install(written('teapot', [put('run.sh', '')]));
  expect(unknown.end.cause?.code).toBe('missing-module');
  folder = temporaryFolder();
  writeFileSync(at('device_type'), 'device_type=toaster\n');
  const { end } = await install(written('script', [put('run.sh', '')]));
  expect(end.cause?.code).toBe('wrong-device-type');
});
