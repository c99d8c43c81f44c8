// Makes a clone ready to run: installs the dependencies and builds what is generated, each only when it has changed.
// npm runs it before start, test and the rest, so it needs nothing but Node and npm, and is silent when nothing is to do.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acquireLock } from './prepare-lock.mjs';

const NODE_MIN = [20, 19];
const NPM_MIN = [10, 0];
const FAILURE_OUTPUT_CHARS_MAX = 20_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stateDir = join(root, '.prepared');
const bun = join(root, 'node_modules/.bin/bun');

/** What is built from sources in the tree. `sources` are files and folders; a build whose first source is missing is left out. */
const builds = [
  {
    name: 'basemap',
    sources: ['packages/ui/basemap', 'packages/ui/package.json'],
    output: 'packages/ui/dist-basemap',
    command: (outDir) => [bun, 'packages/ui/basemap/build.ts', '--out', outDir],
  },
  {
    name: 'UI',
    sources: [
      'packages/ui/vite.config.ts',
      'packages/ui/index.html',
      'packages/ui/package.json',
      'packages/ui/public',
      'packages/ui/src',
      'packages/protocol/src',
      'packages/api/src',
      'package-lock.json',
    ],
    output: 'packages/ui/dist',
    command: (outDir) => [
      join(root, 'node_modules/.bin/vite'),
      'build',
      'packages/ui',
      '--outDir',
      outDir,
      '--emptyOutDir',
      '--logLevel',
      'warn',
    ],
  },
];

const running = new Set();

await main().catch((error) => {
  console.error(`prepare: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  requireVersion('Node', process.versions.node, NODE_MIN);
  const npmVersion = /npm\/([\d.]+)/.exec(process.env.npm_config_user_agent ?? '')?.[1];
  if (npmVersion) requireVersion('npm', npmVersion, NPM_MIN);
  if (isInstalled() && builds.every(isBuilt)) return;

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupt(signal));
  mkdirSync(stateDir, { recursive: true });
  const release = await acquireLock(join(stateDir, 'lock'), (pid) => say(`waiting for the prepare of process ${pid}`));
  try {
    // Looked at again, for the holder of the lock before us may have done the work.
    if (!isInstalled()) await install();
    const results = await Promise.allSettled(builds.filter((build) => !isBuilt(build)).map(runBuild));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  } finally {
    release();
  }
}

function requireVersion(name, version, minimum) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > minimum[0] || (major === minimum[0] && minor >= minimum[1])) return;
  throw new Error(
    `${name} ${minimum.join('.')} or newer is needed, this is ${name} ${version}. See https://nodejs.org`,
  );
}

/**
 * npm ends an installation by writing what it installed to node_modules/.package-lock.json, so comparing that with the
 * lockfile finds a missing, interrupted or outdated installation, and accepts one that somebody made by hand.
 */
function isInstalled() {
  const installed = readJson(join(root, 'node_modules/.package-lock.json'))?.packages;
  const locked = readJson(join(root, 'package-lock.json'))?.packages;
  if (!locked) throw new Error('package-lock.json is missing or broken');
  if (!installed) return false;
  const isSame = (a, b) => a?.version === b?.version && a?.integrity === b?.integrity;
  const isComplete = Object.entries(locked).every(([path, wanted]) => {
    // A workspace's own version may move without an installation; npm leaves out optional packages of other platforms.
    if (!path.startsWith('node_modules/') || wanted.link) return true;
    return path in installed ? isSame(installed[path], wanted) : wanted.optional === true;
  });
  const links = Object.keys(locked).filter((path) => locked[path].link);
  return isComplete && links.every((path) => existsSync(join(root, path)));
}

async function install() {
  const startMs = Date.now();
  say('installing dependencies (npm ci)');
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // --include=dev: Bun and Vite are development dependencies, and NODE_ENV=production would leave them out.
  await run('npm ci', [...npm, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  await run('bun --version (were install scripts allowed?)', [bun, '--version']);
  say(`dependencies installed in ${secondsSince(startMs)}`);
}

function isBuilt(build) {
  if (!hasSource(build)) return true;
  return existsSync(join(root, build.output)) && readText(stampPath(build)) === hashSources(build);
}

function hasSource(build) {
  return existsSync(join(root, build.sources[0]));
}

/** Builds beside the output and swaps, so that an interrupted build leaves the old output and is done again. */
async function runBuild(build) {
  const startMs = Date.now();
  say(`building the ${build.name}`);
  const hash = hashSources(build);
  const output = join(root, build.output);
  for (const name of readdirSync(stateDir)) {
    if (name.startsWith(`${build.name}.`)) rmSync(join(stateDir, name), { recursive: true, force: true });
  }
  // The pid keeps us apart from a build that outlived a killed prepare.
  const fresh = join(stateDir, `${build.name}.new-${process.pid}`);
  const old = join(stateDir, `${build.name}.old-${process.pid}`);
  mkdirSync(fresh);
  await run(`the build of the ${build.name}`, build.command(fresh));
  if (existsSync(output)) renameSync(output, old);
  renameSync(fresh, output);
  writeFileSync(stampPath(build), hash);
  rmSync(old, { recursive: true, force: true });
  say(`${build.name} built in ${secondsSince(startMs)}`);
}

function stampPath(build) {
  return join(stateDir, `${build.name}.hash`);
}

function hashSources(build) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(build.command('')));
  for (const file of build.sources.flatMap(listFiles)) {
    hash.update(`\0${file}\0`);
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** The files at and below a path of the tree, in a stable order, without tests. */
function listFiles(path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return /\.test\.tsx?$/.test(path) ? [] : [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => listFiles(`${path}/${name}`));
}

function run(what, [command, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-FAILURE_OUTPUT_CHARS_MAX);
      });
    }
    child.on('error', (error) => reject(new Error(`${what} could not start: ${error.message}`)));
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0) resolve();
      else reject(new Error(`${what} failed (${signal ?? `status ${code}`})\n${output.trimEnd()}`));
    });
  });
}

/** Takes the running children along; their end rejects run(), and the lock is released on the way out. */
function interrupt(signal) {
  if (running.size === 0) process.exit(1);
  for (const child of running) child.kill(signal);
}

function say(line) {
  console.log(`prepare: ${line}`);
}

function secondsSince(startMs) {
  return `${((Date.now() - startMs) / 1000).toFixed(1)} s`;
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function readJson(path) {
  try {
    return JSON.parse(readText(path));
  } catch {
    return undefined;
  }
}
