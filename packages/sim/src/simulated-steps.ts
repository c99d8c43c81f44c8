/**
 * What an update does on a simulated gateway: nothing but take its time and, now and then, fail. How it goes follows from the
 * seed, the house and the attempt; a release whose name ends in `-bad` fails in every third house, which shows what gates are for.
 */
import {
  sleep,
  UpdateError,
  type Clock,
  type ProvidesStore,
  type StepFacts,
  type StepRun,
  type Steps,
} from '@lovely/client';
import type { House } from './house.ts';
import { SimulatedFirmware } from './simulated-firmware.ts';
import {
  BAD_UPDATE_FAILS_SHARE,
  UPDATE_BYTES_PER_SECOND_MAX,
  UPDATE_BYTES_PER_SECOND_MIN,
  UPDATE_DOWNLOAD_MS_MAX,
  UPDATE_FAILS_SHARE,
  UPDATE_NO_ROLLBACK_SHARE,
  UPDATE_STEP_MS_MAX,
  UPDATE_STEP_MS_MIN,
} from './limits.ts';
import { between, pick, randomOf, type Random } from './random.ts';

export interface SimulatedStepsOptions {
  readonly seed: number;
  readonly house: House;
  readonly firmware: SimulatedFirmware;
  readonly provides: ProvidesStore;
  readonly providesChanged: () => void;
  readonly clock: Clock;
}

/** What a house runs before anybody updates it. */
export function softwareOf({ hardware }: House): { [key: string]: string } {
  return { artifact_name: 'nice-os-1.0', 'rootfs-image.version': 'nice-os-1.0', device_type: hardware.deviceType };
}

interface Fate {
  readonly random: Random;
  readonly bytesPerSecond: number;
  readonly canRollBack: boolean;
  readonly failure: UpdateError | undefined;
}

const FAILURES = [
  () => new UpdateError('download-failed', 'Download', 'the artifact can’t be fetched: the line went down too often'),
  () => new UpdateError('module-failed', 'ArtifactInstall', 'the update module ended with 1'),
  () => new UpdateError('script-failed', 'ArtifactInstall_Enter_00', 'the state script ended with 2'),
  () => new UpdateError('reboot-failed', 'ArtifactVerifyReboot', 'the machine came up with the old software'),
] as const;

/** Which step each of them belongs to. */
const FAILING_STEPS: { readonly [step: string]: string } = {
  Download: 'store',
  ArtifactInstall: 'install',
  ArtifactInstall_Enter_00: 'install',
  ArtifactVerifyReboot: 'verify-reboot',
};

export class SimulatedSteps implements Steps {
  readonly #options: SimulatedStepsOptions;

  constructor(options: SimulatedStepsOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {}

  async perform(run: StepRun): Promise<StepFacts> {
    const { step, failure, isInconsistent, offer } = run.record;
    const fate = this.#fateOf(run);
    const isForSensors = SimulatedFirmware.isFor(offer.artifact.name);
    if (step === 'store') await this.#download(run, fate);
    else if (isForSensors && step === 'install') await this.#options.firmware.bringForward(run);
    else if (isForSensors && step === 'rollback') await this.#options.firmware.bringBack(run);
    else await this.#pass(run, between(fate.random, UPDATE_STEP_MS_MIN, UPDATE_STEP_MS_MAX));
    if (fate.failure && !isForSensors && FAILING_STEPS[fate.failure.step] === step) {
      run.log.add('error', fate.failure.message);
      throw fate.failure;
    }
    if (step === 'after-first-commit') this.#provide(offer.artifact.name);
    if (step === 'cleanup' && failure && isInconsistent) this.#provide(`${offer.artifact.name}_INCONSISTENT`);
    if (step === 'store') return { canRollBack: isForSensors || fate.canRollBack };
    return step === 'install' ? { rebootNeeds: [isForSensors ? 'no' : 'yes'] } : {};
  }

  async tidy(): Promise<void> {}

  #fateOf({ record }: StepRun): Fate {
    const { seed, house } = this.#options;
    const { deployment, attempt, artifact } = record.offer;
    const random = randomOf(seed, 'update', house.index, deployment, attempt);
    const share = artifact.name.endsWith('-bad') ? BAD_UPDATE_FAILS_SHARE : UPDATE_FAILS_SHARE;
    const fails = random() < share;
    return {
      bytesPerSecond: between(random, UPDATE_BYTES_PER_SECOND_MIN, UPDATE_BYTES_PER_SECOND_MAX),
      canRollBack: random() >= UPDATE_NO_ROLLBACK_SHARE,
      failure: fails ? pick(random, FAILURES)() : undefined,
      random,
    };
  }

  async #download(run: StepRun, { bytesPerSecond }: Fate): Promise<void> {
    const { bytes } = run.offer().artifact;
    const speed = Math.min(bytesPerSecond, run.offer().bytesPerSecond ?? Infinity);
    const durationMs = Math.min(UPDATE_DOWNLOAD_MS_MAX, (bytes / speed) * 1000);
    for (let tenth = 1; tenth <= 10; tenth++) {
      await this.#pass(run, durationMs / 10);
      run.progress({ percent: tenth * 10, bytes: Math.round((bytes * tenth) / 10) });
    }
  }

  async #pass({ signal }: StepRun, durationMs: number): Promise<void> {
    await sleep(this.#options.clock, durationMs, signal);
    signal.throwIfAborted();
  }

  #provide(name: string): void {
    const { provides, providesChanged } = this.#options;
    const brought = SimulatedFirmware.isFor(name) ? SimulatedFirmware.provides(name) : { 'rootfs-image.version': name };
    provides.write({ ...provides.read(), artifact_name: name, ...brought });
    providesChanged();
  }
}
