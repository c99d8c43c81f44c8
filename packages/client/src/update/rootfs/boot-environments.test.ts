import { afterAll, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testWith } from '../../../../../tests/tools.ts';
import { BootEnvironmentError, type BootEnvironment } from './boot-environment.ts';
import { findBootEnvironment } from './find-boot-environment.ts';
import { grubEnvironment } from './grub-environment.ts';
import { toolEnvironment } from './tool-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'boot-environment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The message of the BootEnvironmentError that this ends with. */
async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BootEnvironmentError);
  return (error as BootEnvironmentError).message;
}

function run(command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command], { stderr: 'pipe' });
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr.toString()}`);
}

function program(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}

/** In a place of its own, with two copies, as on a real board. */
function uBoot(name: string, variables: { readonly [name: string]: string }) {
  const place = join(folder, name);
  mkdirSync(place);
  const [image, config, first] = ['env.img', 'fw_env.config', 'first'].map((file) => join(place, file)) as [
    string,
    string,
    string,
  ];
  writeFileSync(image, '');
  truncateSync(image, 0x10000);
  writeFileSync(config, `${image} 0x0 0x4000\n${image} 0x8000 0x4000\n`);
  writeFileSync(
    first,
    Object.entries(variables)
      .map(([variable, value]) => `${variable}=${value}\n`)
      .join(''),
  );
  run(['fw_setenv', '-c', config, '-f', first, '-s', first]);
  const tools = { print: ['fw_printenv', '-c', config], set: ['fw_setenv', '-c', config] } as const;
  return { image, environment: toolEnvironment('U-Boot', tools) };
}

function grub(name: string, ...variables: string[]): { path: string; environment: BootEnvironment } {
  const path = join(folder, name);
  run(['grub-editenv', path, 'create']);
  run(['grub-editenv', path, 'set', ...variables]);
  return { path, environment: grubEnvironment(path) };
}

const BEFORE = { mender_boot_part: '2', mender_boot_part_hex: '2', upgrade_available: '0', bootcount: '0' };
const TRIAL = { mender_boot_part: '3', mender_boot_part_hex: '3', upgrade_available: '1', bootcount: '0' };

describe("U-Boot's environment", () => {
  const test = testWith('fw_setenv');

  test('takes several variables and keeps the others', async () => {
    const { environment } = uBoot('several', { ...BEFORE, bootcmd: 'run a; run b=c' });
    await environment.write(TRIAL);
    expect(Object.fromEntries(await environment.read())).toEqual({ ...TRIAL, bootcmd: 'run a; run b=c' });
  });

  test('survives a write that was torn, by its other copy', async () => {
    const { environment, image } = uBoot('torn', BEFORE);
    const before = readFileSync(image);
    await environment.write(TRIAL);
    const after = readFileSync(image);
    // Whichever copy was written holds garbage in its second half of what it says.
    for (const start of [0, 0x8000])
      if (!before.subarray(start, start + 0x4000).equals(after.subarray(start, start + 0x4000)))
        after.fill(0xff, start + 20, start + 0x4000);
    writeFileSync(image, after);
    expect(Object.fromEntries(await environment.read())).toEqual(BEFORE);
  });

  test('is refused when the boot loader has never saved where the tools look', async () => {
    const { environment } = uBoot('canary', { ...BEFORE, mender_check_saveenv_canary: '1' });
    expect(await messageOf(environment.write(TRIAL))).toContain('mender_saveenv_canary');
    expect(await messageOf(environment.read())).toContain('fw_env.config');
  });

  test('that is not there is an error with the reason', async () => {
    const tools = { print: ['fw_printenv', '-c', join(folder, 'nothing')], set: ['fw_setenv'] } as const;
    expect(await messageOf(toolEnvironment('U-Boot', tools).read())).toContain('fw_printenv failed');
  });
});

test('a tool that says it has written, and has not, is found out', async () => {
  const print = program('print', 'echo mender_boot_part=2');
  const set = program('set', 'cat > /dev/null');
  const environment = toolEnvironment('U-Boot', { print: [print], set: [set] });
  expect(await messageOf(environment.write({ mender_boot_part: '3' }))).toBe(
    'U-Boot did not keep mender_boot_part=3: it is "2"',
  );
});

test('a tool that fails says why', async () => {
  const print = program('failing', 'echo no flash here >&2', 'exit 5');
  const environment = toolEnvironment('U-Boot', { print: [print], set: [print] });
  expect(await messageOf(environment.read())).toContain('failed (exit 5): no flash here');
});

test('a tool that is not installed is told of', async () => {
  const environment = toolEnvironment('U-Boot', { print: ['no-such-tool'], set: ['no-such-tool'] });
  expect(await messageOf(environment.read())).toContain("no-such-tool can't be started");
});

describe("GRUB's environment", () => {
  const test = testWith('grub-editenv');

  test('takes several variables, keeps the others and its size', async () => {
    const { path, environment } = grub(
      'grubenv',
      'mender_boot_part=2',
      'upgrade_available=0',
      'bootcount=0',
      'saved=x',
    );
    await environment.write(TRIAL);
    expect(Object.fromEntries(await environment.read())).toEqual({ ...TRIAL, saved: 'x' });
    expect(readFileSync(path).length).toBe(1024);
  });

  test('is not written when a power cut could leave half of the change', async () => {
    const { path, environment } = grub('far', `long=${'x'.repeat(390)}`, 'mender_boot_part=2', 'upgrade_available=0');
    const before = readFileSync(path);
    expect(await messageOf(environment.write(TRIAL))).toContain('more than one sector');
    expect(readFileSync(path)).toEqual(before);
  });

  test('is found where it is set', async () => {
    const { path } = grub('set', 'mender_boot_part=2');
    const found = await findBootEnvironment({ bootLoader: 'grub', grubEnvironment: path });
    expect((await found.read()).get('mender_boot_part')).toBe('2');
  });

  test('that is not there is not made by looking', async () => {
    const path = join(folder, 'no-grubenv');
    expect(await messageOf(findBootEnvironment({ bootLoader: 'grub', grubEnvironment: path }))).toContain(
      'there is no',
    );
    expect(existsSync(path)).toBe(false);
  });

  test("without Mender's variables is no environment to use", async () => {
    const { path } = grub('plain', 'saved_entry=1');
    expect(await messageOf(findBootEnvironment({ bootLoader: 'grub', grubEnvironment: path }))).toContain(
      'has no mender_boot_part',
    );
  });
});

test('where there is no boot loader, what was looked for is told', async () => {
  const none = { bootLoader: undefined, grubEnvironment: join(folder, 'nothing') };
  const message = await messageOf(findBootEnvironment(none));
  expect(message).toContain('grub-mender-grubenv-print');
  expect(message).toContain('fw_printenv');
});
