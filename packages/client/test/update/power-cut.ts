/**
 * One round of power cuts by a seed: an update of a sandbox is cut off again and again, at named steps and at any time, with the
 * client alone or with the whole machine, with torn files; then it is left in peace. In the end the software must be the old or
 * the new one, whole, and the last report must say which.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFrame, FRAME_BYTES_MAX_UP, updateState, type UpdateReport } from '@lovely/protocol';
import { silentLog } from '../../src/log.ts';
import { DiskJournal } from '../../src/spool/disk-journal.ts';
import { CheckedFile } from '../../src/update/checked-file.ts';
import { STEPS } from '../../src/update/update-record.ts';
import { ArtifactServer } from './artifact-server.ts';
import { randomOf, type Random } from './random.ts';
import { artifactOf, bootAgain, payloadOf, fileOf, singleFile, copyDebianModule, writeProgram } from './update-rig.ts';

export interface RoundOutcome {
  readonly kind: string;
  readonly state: string;
  readonly code: string | undefined;
  readonly cuts: number;
  readonly tornFiles: number;
}

const KINDS = ['single-file', 'slots', 'script', 'directory'] as const;
type Kind = (typeof KINDS)[number];

/** Debian's `directory` breaks its own backup when it is cut off, so only the client is cut off beside it, between the steps. */
const ONLY_BETWEEN_STEPS: readonly Kind[] = ['directory'];
const CUTS_MAX = 4;
const CHILD = join(import.meta.dir, 'power-cut-child.ts');
const ROUND_MS_MAX = 120_000;
const LIFE_MS_MAX = 700;
const OLD = `old ${'o'.repeat(20_000)} whole`;
const NEW = `new ${'n'.repeat(30_000)} whole`;

/** Throws with what is wrong; the seed replays the round. */
export async function powerCutRound(seed: number): Promise<RoundOutcome> {
  const random = randomOf(seed);
  const kind = random.pick(KINDS);
  const failsAt = random.next() < 0.25 ? random.pick(['ArtifactInstall', 'ArtifactCommit', 'Download']) : '';
  const folder = await mkdtemp(join(tmpdir(), 'lovely-power-cut-'));
  await using server = closing(await ArtifactServer.start());
  try {
    await prepare(folder, kind, failsAt, server.it);
    const { cuts, tornFiles } = await live(folder, kind, server.it, random);
    const report = lastReport(folder);
    judge(folder, kind, report);
    return { kind, state: report.state, code: report.cause?.code, cuts, tornFiles };
  } catch (cause) {
    const story = `${kind}${failsAt && `, which fails at ${failsAt}`}`;
    throw new Error(`seed ${seed} (${story}): ${(cause as Error).message}`, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function closing(it: ArtifactServer): { it: ArtifactServer; [Symbol.asyncDispose](): Promise<void> } {
  return { it, [Symbol.asyncDispose]: () => it.stop() };
}

async function prepare(folder: string, kind: Kind, failsAt: string, server: ArtifactServer): Promise<void> {
  const target = join(folder, 'target');
  for (const name of ['modules', 'target', 'scripts']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'artifact_info'), 'artifact_name=old\n');
  writeFileSync(join(target, 'app'), OLD);
  writeProgram(join(folder, 'reboot'), `printf 1 > ${folder}/going-down\nkill -9 $(cat ${folder}/pid)\n`);
  if (kind === 'slots') {
    writeFileSync(join(target, 'active'), 'a');
    writeFileSync(join(target, 'a'), OLD);
    writeProgram(join(folder, 'modules/slots'), SLOTS);
  } else {
    copyDebianModule(folder, kind);
  }
  const scripts = ['ArtifactInstall_Enter_00', 'ArtifactCommit_Enter_00', 'ArtifactRollback_Leave_00'].map((name) => ({
    name,
    content: Buffer.from(`#!/bin/sh\n${name.startsWith(`${failsAt}_`) ? 'exit 3' : 'exit 0'}\n`),
  }));
  if (failsAt === 'Download') writeDownloadScript(folder);
  const bytes = await artifactOf('new', [payload(kind, folder)], { scripts });
  const artifact = server.serve('/artifact', 'new', bytes);
  writeFileSync(join(folder, 'offer.json'), JSON.stringify({ deployment: 'd', attempt: 1, artifact }));
}

function writeDownloadScript(folder: string): void {
  writeFileSync(join(folder, 'scripts/version'), '3');
  writeProgram(join(folder, 'scripts/Download_Leave_00'), 'exit 3\n');
}

function payload(kind: Kind, folder: string): ReturnType<typeof payloadOf> {
  const target = join(folder, 'target');
  switch (kind) {
    case 'single-file':
      return singleFile(target, 'app', NEW);
    case 'slots':
      return payloadOf('slots', [fileOf('image', NEW)]);
    case 'script':
      // Whole at any time: what a script leaves half done nobody can mend.
      return payloadOf('script', [
        fileOf(
          'run.sh',
          `#!/bin/sh\nprintf '%s' '${NEW}' > ${target}/app.next && mv ${target}/app.next ${target}/app\n`,
        ),
      ]);
    case 'directory':
      return payloadOf('directory', [fileOf('dest_dir', target), fileOf('update.tar', tarOf('app', NEW))]);
  }
}

function tarOf(name: string, content: string): Uint8Array {
  const folder = join(tmpdir(), `lovely-tar-${process.pid}-${Math.floor(Math.random() * 1e9)}`);
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, name), content);
    return Bun.spawnSync(['tar', '-c', '-C', folder, name]).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A root file system in two slots, with a boot loader that goes back by itself when nobody commits. */
const SLOTS = `
T=$SANDBOX/target
active=$(cat $T/active)
other=$([ $active = a ] && echo b || echo a)
case $1 in
  Download) cat stream-next >/dev/null; cat streams/image > $T/$other; cat stream-next >/dev/null;;
  SupportsRollback) echo Yes;;
  NeedsArtifactReboot)
    # Nothing to start anew for when the old slot runs and is what starts next.
    if [ -f $T/trial ] || [ "$(cat tmp/before 2>/dev/null)" != "$active" ]; then echo Automatic; else echo No; fi;;
  ArtifactInstall)
    printf $active > tmp/before.new; mv tmp/before.new tmp/before
    printf $other > $T/trial.new; mv $T/trial.new $T/trial;;
  ArtifactVerifyReboot) [ $active != "$(cat tmp/before)" ];;
  ArtifactCommit)
    # It may have gone back by itself since.
    [ $active != "$(cat tmp/before)" ] || exit 1
    printf $active > $T/default.new; mv $T/default.new $T/default; rm -f $T/trial $T/tried;;
  ArtifactRollback)
    [ -f tmp/before ] || exit 0
    cp tmp/before $T/default.new; mv $T/default.new $T/default; rm -f $T/trial $T/tried;;
  ArtifactVerifyRollbackReboot) [ ! -f tmp/before ] || [ $active = "$(cat tmp/before)" ];;
esac
exit 0
`;

/** What the boot loader of the slots does at a start of the machine. */
function startMachine(folder: string): void {
  const at = (name: string): string => join(folder, 'target', name);
  rmSync(join(folder, 'going-down'), { force: true });
  bootAgain(folder);
  if (!existsSync(at('active'))) return;
  const fallback = existsSync(at('default')) ? readFileSync(at('default'), 'utf8') : 'a';
  const isTrial = existsSync(at('trial')) && !existsSync(at('tried'));
  writeFileSync(at('active'), isTrial ? readFileSync(at('trial'), 'utf8') : fallback);
  if (isTrial) writeFileSync(at('tried'), '');
  else rmSync(at('trial'), { force: true });
}

async function live(
  folder: string,
  kind: Kind,
  server: ArtifactServer,
  random: Random,
): Promise<{ cuts: number; tornFiles: number }> {
  const deadlineMs = performance.now() + ROUND_MS_MAX;
  const cutsWanted = 1 + Math.floor(random.next() * CUTS_MAX);
  const onlyBetween = ONLY_BETWEEN_STEPS.includes(kind);
  let [cuts, tornFiles] = [0, 0];
  startMachine(folder);
  for (;;) {
    const mayCut = cuts < cutsWanted;
    const isNamed = onlyBetween || random.next() < 0.5;
    const named = mayCut && isNamed ? [random.pick(STEPS), random.pick(['before', 'after'])] : [];
    const lifeMs = mayCut && !isNamed ? random.next() * LIFE_MS_MAX : undefined;
    const [tears, isWholeMachine] = [random.next() < 0.3, random.next() < 0.5];
    const isOver = await liveOnce(folder, server, named, lifeMs, deadlineMs);
    if (isOver) return { cuts, tornFiles };
    const goesDown = existsSync(join(folder, 'going-down'));
    if (!goesDown) cuts++;
    if (goesDown || isWholeMachine) {
      endPrograms(folder);
      startMachine(folder);
    }
    // A torn write leaves its step unbegun, and so is only possible right when it is written.
    if (tears && !goesDown && named[1] === 'after' && tearNewest(folder, random)) tornFiles++;
  }
}

/** One life of the client: whether the attempt is over. */
async function liveOnce(
  folder: string,
  server: ArtifactServer,
  named: readonly string[],
  lifeMs: number | undefined,
  deadlineMs: number,
): Promise<boolean> {
  const child = Bun.spawn([process.execPath, CHILD, folder, server.url.href, ...named], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  writeFileSync(join(folder, 'pid'), String(child.pid));
  const timer = setTimeout(() => child.kill('SIGKILL'), lifeMs ?? Math.max(0, deadlineMs - performance.now()));
  const status = await child.exited;
  clearTimeout(timer);
  if (performance.now() > deadlineMs) throw new Error('the update never ends');
  const complaint = await new Response(child.stderr).text();
  if (child.signalCode !== 'SIGKILL' && status !== 0) throw new Error(`the client ended with ${status}: ${complaint}`);
  return status === 0;
}

/** A power cut ends the programs of the update too. */
function endPrograms(folder: string): void {
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`NICE_SMART_UPDATE=${folder}/`))
        process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Truncates or garbles the state file that was written last. */
function tearNewest(folder: string, random: Random): boolean {
  const numberOf = (path: string): number =>
    existsSync(path) ? Number(/"number":(\d+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? 0) : 0;
  const paths = ['state.0', 'state.1'].map((name) => join(folder, 'update', name));
  const newest = paths.toSorted((a, b) => numberOf(b) - numberOf(a))[0]!;
  // One of the two is always whole: what is torn is only what is being written.
  if (new CheckedFile(join(folder, 'update/state')).isGarbled || !existsSync(newest)) return false;
  const bytes = readFileSync(newest);
  if (random.next() < 0.5) truncateSync(newest, Math.floor(random.next() * bytes.length));
  else {
    bytes[Math.floor(random.next() * bytes.length)]! ^= 1 << Math.floor(random.next() * 8);
    writeFileSync(newest, bytes);
  }
  return true;
}

/** As the spool of the last life holds it: nothing was ever acknowledged. */
function lastReport(folder: string): UpdateReport {
  const { messages } = new DiskJournal(join(folder, 'spool'), 2 ** 20, silentLog).recover();
  const reports = messages
    .map(({ bytes }) => decodeFrame(bytes, FRAME_BYTES_MAX_UP))
    .filter((frame) => updateState.is(frame))
    .map((frame) => updateState.read(frame).body);
  const last = reports.at(-1);
  if (!last || last.substate !== undefined) throw new Error('the attempt has no last report');
  return last;
}

function judge(folder: string, kind: Kind, report: UpdateReport): void {
  const must = (isTrue: boolean, what: string): void => {
    if (!isTrue) throw new Error(`${what} (${JSON.stringify(report)})`);
  };
  const at = (name: string): string => readFileSync(join(folder, 'target', name), 'utf8');
  const software = kind === 'slots' ? at(at('active')) : at('app');
  must(software === OLD || software === NEW, `the software is neither old nor new, but ${software.slice(0, 20)}…`);
  const name = /"artifact_name":"([^"]*)"/.exec(newestProvides(folder) ?? '"artifact_name":"old"')?.[1];
  if (report.state === 'success') {
    must(software === NEW, 'it says success, and runs the old software');
    must(name === 'new', `it says success, and that it is ${name}`);
  } else {
    must(report.state === 'failure', 'it ends with neither success nor failure');
    must(report.cause !== undefined, 'it failed of nothing');
    if (report.isRolledBack) {
      must(software === OLD, 'it says that it is back, and runs the new software');
      must(name === 'old', `it says that it is back, and that it is ${name}`);
    } else {
      must(name === 'new_INCONSISTENT', `it doesn't know what it is, and says that it is ${name}`);
      must(kind === 'script', 'it supports rollback, and was not rolled back');
    }
  }
  const left = readdirSync(join(folder, 'update')).filter((each) => !/^(ended|provides)\.[01]$/.test(each));
  must(left.length === 0, `it left behind ${left.join(', ')}`);
}

function newestProvides(folder: string): string | undefined {
  const texts = ['provides.0', 'provides.1'].flatMap((each) => {
    const path = join(folder, 'update', each);
    return existsSync(path) ? [readFileSync(path, 'utf8')] : [];
  });
  const numberOf = (text: string): number => Number(/"number":(\d+)/.exec(text)?.[1] ?? 0);
  return texts.toSorted((a, b) => numberOf(b) - numberOf(a))[0];
}
