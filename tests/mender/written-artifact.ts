/** Artifacts as Debian's mender-artifact writes them. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireTool } from '../tools.ts';

export interface ArtifactWish {
  readonly name: string;
  /** The update module. */
  readonly type?: string;
  readonly deviceTypes?: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Whether it brings a state script for each state that may have one. */
  readonly hasScripts?: boolean;
  readonly compression?: 'none' | 'gzip' | 'lzma';
  /** Path of the private key that signs it. */
  readonly keyFile?: string;
  /** `key:value`. */
  readonly depends?: readonly string[];
  readonly provides?: readonly string[];
}

const SCRIPT_STATES = [
  'ArtifactInstall',
  'ArtifactReboot',
  'ArtifactCommit',
  'ArtifactRollback',
  'ArtifactRollbackReboot',
  'ArtifactFailure',
].flatMap((state) => [`${state}_Enter_00`, `${state}_Leave_00`]);

/** Says that it ran where the test's update module does, and fails where it is told to. */
const SCRIPT = `#!/bin/sh
name=$(basename "$0")
echo "SCRIPT $name" >>/var/lib/mender/test/calls
[ ! -f "/var/lib/mender/test/fail-$name" ]
`;

/** Writes one into a new folder of `parent`; returns its path. */
export async function writeMenderArtifact(parent: string, wish: ArtifactWish): Promise<string> {
  const { name, type = 'trace-mod', deviceTypes = ['lovely-box'], compression = 'gzip' } = wish;
  const folder = await mkdtemp(join(parent, 'artifact-'));
  const path = join(folder, `${name}.mender`);
  const args = ['-T', type, '-n', name, '-o', path, ...deviceTypes.flatMap((one) => ['-t', one])];
  for (const [file, content] of Object.entries(wish.files ?? { payload: 'as it should be\n' })) {
    await writeFile(join(folder, file), content);
    args.push('-f', join(folder, file));
  }
  for (const script of wish.hasScripts ? SCRIPT_STATES : []) {
    await writeFile(join(folder, script), SCRIPT, { mode: 0o755 });
    args.push('-s', join(folder, script));
  }
  for (const depends of wish.depends ?? []) args.push('-d', depends);
  for (const provides of wish.provides ?? []) args.push('-p', provides);
  if (wish.keyFile !== undefined) args.push('-k', wish.keyFile);
  await run('write', 'module-image', '--compression', compression, ...args);
  return path;
}

/** Throws what it says of an artifact that is not valid, or not signed with this key. */
export async function validateMenderArtifact(path: string, keyFile?: string): Promise<void> {
  await run('validate', ...(keyFile === undefined ? [] : ['-k', keyFile]), path);
}

async function run(...args: string[]): Promise<void> {
  const child = Bun.spawn([requireTool('mender-artifact'), ...args], { stdout: 'pipe', stderr: 'pipe' });
  const [out, problems, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (status !== 0) throw new Error(`mender-artifact ${args[0]} ended with ${status}: ${out}${problems}`);
}
