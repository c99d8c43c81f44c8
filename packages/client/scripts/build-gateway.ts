/**
 * Makes what is installed on a gateway with Node ≥ 20: `bun scripts/build-gateway.ts [arm|arm64|x64|ia32] [folder]` writes
 * nice-smart-client-<version>-<architecture>.tar.gz, which is unpacked at / and whose unit is then enabled.
 */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

const PACKAGE = join(import.meta.dir, '..');
const REPO = join(PACKAGE, '../..');
const HOME = 'usr/lib/nice-smart-client';

/** Where each file of deploy/ goes; the example is the only one that people change. */
const FILES: { readonly [path: string]: { readonly from: string; readonly mode?: number } } = {
  'usr/bin/nice-smart-client': { from: 'gateway/nice-smart-client', mode: 0o755 },
  [`${HOME}/trial-guard`]: { from: 'gateway/trial-guard', mode: 0o755 },
  'usr/lib/systemd/system/nice-smart-client.service': { from: 'gateway/nice-smart-client.service' },
  'usr/lib/systemd/system/nice-smart-trial.service': { from: 'gateway/nice-smart-trial.service' },
  'usr/lib/systemd/system/nice-smart-trial.timer': { from: 'gateway/nice-smart-trial.timer' },
  'usr/lib/tmpfiles.d/nice-smart-client.conf': { from: 'gateway/nice-smart-client.tmpfiles' },
  'usr/lib/sysusers.d/nice-smart-client.conf': { from: 'gateway/nice-smart-client.sysusers' },
  'usr/share/doc/nice-smart-client/reporting-only.conf': { from: 'gateway/reporting-only.conf' },
  'usr/share/doc/nice-smart-client/client.example.json': { from: 'gateway/client.example.json' },
  'usr/share/dbus-1/system.d/io.lovely.Client1.conf': { from: 'dbus/io.lovely.Client1.conf' },
  'usr/share/dbus-1/interfaces/io.lovely.Client1.xml': { from: 'dbus/io.lovely.Client1.xml' },
  // Instead of mender-client's own, where the client stands in for it.
  'usr/share/dbus-1/system.d/io.mender.AuthenticationManager.conf': {
    from: 'dbus/io.mender.AuthenticationManager.conf',
  },
};

const TERMINAL = '@homebridge/node-pty-prebuilt-multiarch';
/** Of the terminal's package: what it needs to be built is not what it needs to run. */
const LEFT_OUT = /(^|\/)(third_party|scripts|typings|binding\.gyp|tsconfig\.tsbuildinfo)$|\.(map|d\.ts|test\.js)$/;

const ARCHITECTURES = ['arm', 'arm64', 'x64', 'ia32'];

const [architecture = process.arch, target = join(PACKAGE, 'dist')] = process.argv.slice(2);
if (!ARCHITECTURES.includes(architecture)) throw new Error(`${architecture} is none of ${ARCHITECTURES.join(', ')}`);
const { version } = readManifest(PACKAGE);
const tree = mkdtempSync(join(tmpdir(), 'nice-smart-client-'));
try {
  await run(process.execPath, join(import.meta.dir, 'build-node.ts'), join(tree, HOME));
  for (const name of ['ws', 'dbus-native', TERMINAL]) copyPackage(name, PACKAGE, join(tree, HOME, 'node_modules'));
  for (const [path, { from, mode = 0o644 }] of Object.entries(FILES)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    cpSync(join(REPO, 'deploy', from), join(tree, path));
    chmodSync(join(tree, path), mode);
  }
  mkdirSync(target, { recursive: true });
  const archive = join(target, `nice-smart-client-${version}-${architecture}.tar.gz`);
  // The same content makes the same bytes, whoever builds it. Without an entry for `/`, whose mode would be changed by it.
  const whose = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'];
  await run('tar', '-C', tree, '--sort=name', ...whose, '--mtime=@0', '-czf', archive, 'usr');
  process.stdout.write(`${archive}\n`);
} finally {
  rmSync(tree, { recursive: true, force: true });
}

async function run(...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdout: 'inherit', stderr: 'inherit' });
  if ((await child.exited) !== 0) throw new Error(`${basename(command[0]!)} failed`);
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: { readonly [name: string]: string };
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** With what it depends on, side by side; one version of each is all that there may be. */
function copyPackage(name: string, from: string, modules: string): void {
  const source = dirname(Bun.resolveSync(`${name}/package.json`, from));
  const copy = join(modules, name);
  const { version: wanted, dependencies = {} } = readManifest(source);
  const present = Bun.file(join(copy, 'package.json')).size > 0 ? readManifest(copy).version : undefined;
  if (present !== undefined && present !== wanted) throw new Error(`${name} is needed as ${present} and as ${wanted}`);
  if (present !== undefined) return;
  cpSync(source, copy, { recursive: true, dereference: true, filter: (path) => isWanted(relative(source, path)) });
  // Those of the terminal's package are for building it.
  if (name !== TERMINAL) for (const dependency of Object.keys(dependencies)) copyPackage(dependency, source, modules);
}

function isWanted(path: string): boolean {
  if (path.startsWith('node_modules') || LEFT_OUT.test(path)) return false;
  const [, built] = /^prebuilds\/([^/]+)/.exec(path) ?? [];
  return built === undefined || built === `linux-${architecture}`;
}
