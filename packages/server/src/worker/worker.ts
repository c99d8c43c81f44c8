/** The worker writes what devices send: in batches, committed before it is acknowledged, announced after. */
import type { Registry } from 'prom-client';
import { PROTO } from '@lovely/protocol';
import type { Blobs } from '../blobs/blobs.ts';
import type { Bus } from '../bus/bus.ts';
import { presence, up, upCustom } from '../bus/subjects.ts';
import { answerTo, subscribeTo } from '../bus/topic.ts';
import {
  FIX_AUTOMATIC_TICK_MS,
  FIX_ROLLOUT_TICK_MS,
  INCIDENT_TICK_MS,
  KEY_KEEPER_MS,
  REAP_MS,
  RETENTION_MS,
  RULE_WATCH_MS,
  SNOOZE_TICK_MS,
} from '../limits.ts';
import { UPLOAD_SWEEP_MS } from '../software-limits.ts';
import type { HistoryRetention } from '../domain/history.ts';
import type { KeyRing } from '../domain/key.ts';
import type { Log } from '../log.ts';
import type { Places } from '../places.ts';
import type { Seal } from '../seal.ts';
import { createKeyKeeper } from '../store/key-keeper.ts';
import type { Store } from '../store/store.ts';
import { createAcks } from './acks.ts';
import { createAlertWriter } from './alert-writer.ts';
import { startTask, type Task } from '../background-task.ts';
import { createCloneWatch } from './clone-watch.ts';
import { startConfigurationTeller } from './configurations/configuration-teller.ts';
import { createConfigurationWriter } from './configurations/configuration-writer.ts';
import { startInheritance } from './configurations/inheritance.ts';
import { startHistoryKeeper } from './history-keeper.ts';
import { createIncidentWatch } from './incident-watch.ts';
import { startDeploymentEngine } from './deployments/deployment-engine.ts';
import { createUpdateWriter } from './deployments/update-writer.ts';
import { createAutomaticFixes } from './fixes/automatic-fixes.ts';
import { createCommandWriter } from './fixes/command-writer.ts';
import { startFixEngine } from './fixes/fix-engine.ts';
import { createRollouts } from './fixes/rollouts.ts';
import { createInventoryWriter } from './inventory-writer.ts';
import { createOfflineWatch } from './offline-watch.ts';
import { createMessageWriter } from './message-writer.ts';
import { createPresenceWriter } from './presence-writer.ts';
import { createSensorWriter } from './sensor-writer.ts';
import { createRetention } from './retention.ts';
import { createRuleWatch } from './rule-watch.ts';
import { createSnoozeWatch } from './snooze-watch.ts';
import { createStatusWriter } from './status-writer.ts';
import { createWorkerMetrics } from './worker-metrics.ts';
import type { UpWriter } from './up-writer.ts';
import { startUploadEngine } from '../software/upload-engine.ts';
import { createUploadSweeper } from '../software/upload-sweeper.ts';
import { startWebhookSender } from './webhooks/sender.ts';

/** The queue group of all workers: each message goes to one of them. */
const QUEUE = 'worker';
/** Of what several parts of a worker wait for, each needs a group of its own: a group gets each message once. */
const PARTS = { fixes: 'worker-fixes', deployments: 'worker-deployments', configurations: 'worker-configurations' };
const CLOSE_DEADLINE_MS = 5_000;

export interface WorkerOptions {
  readonly bus: Bus;
  readonly store: Store;
  readonly seal: Seal;
  readonly blobs: Blobs;
  /** For what waits on the disk for a while. */
  readonly spoolDir: string;
  readonly log: Log;
  readonly registry: Registry;
  /** What signs the links to artifacts. */
  readonly linkKeys: KeyRing;
  readonly offlineAfterMs: number;
  /** How long a device must stay in one place to be no clone any more; returns further apart count anew. */
  readonly cloneQuietMs: number;
  readonly webhooksAllowPrivate: boolean;
  /** Names of towns, for incidents; undefined where there is no list of them. */
  readonly places: () => Places | undefined;
  readonly historyDays: HistoryRetention;
}

export interface Worker {
  /** Takes nothing new, stores what waits, and ends. */
  close(): Promise<void>;
}

export function startWorker(options: WorkerOptions): Worker {
  const { bus, store, log } = options;
  const metrics = createWorkerMetrics(options.registry);
  const acks = createAcks(bus);
  const parts = { bus, store, log, acks, metrics };
  const software = { database: store.database, blobs: options.blobs, spoolDir: options.spoolDir, log };
  const fixEngine = startFixEngine(parts, PARTS.fixes);
  const deploymentEngine = startDeploymentEngine(parts, options.linkKeys, PARTS.deployments);
  const writers = new Map<number, UpWriter>([
    [PROTO.status, createStatusWriter(parts)],
    [PROTO.alert, createAlertWriter(parts)],
    [PROTO.inventory, createInventoryWriter(parts)],
    [PROTO.sensors, createSensorWriter(parts)],
    [PROTO.command, createCommandWriter(parts, fixEngine.wake)],
    [PROTO.update, createUpdateWriter(parts, deploymentEngine)],
    [PROTO.configuration, createConfigurationWriter(parts, fixEngine.wake)],
  ]);
  const messageWriter = createMessageWriter(parts);
  const storePresence = createPresenceWriter(parts, options.cloneQuietMs);
  const subscriptions = [
    ...[...writers].map(([proto, writer]) =>
      subscribeTo(bus, up(proto), (messages) => writer.take(messages), { queue: QUEUE }),
    ),
    subscribeTo(bus, upCustom, (messages) => messageWriter.take(messages), { queue: QUEUE }),
    answerTo(bus, presence, storePresence, { queue: QUEUE }),
  ];
  const tasks: Task[] = [
    startTask('offline watch', REAP_MS, log, createOfflineWatch(parts, options.offlineAfterMs)),
    startTask('clone watch', REAP_MS, log, createCloneWatch(parts, options.cloneQuietMs)),
    startTask('snooze watch', SNOOZE_TICK_MS, log, createSnoozeWatch(parts)),
    startTask('incident watch', INCIDENT_TICK_MS, log, createIncidentWatch({ store, bus, places: options.places })),
    fixEngine,
    deploymentEngine,
    startTask('rollouts of fixes', FIX_ROLLOUT_TICK_MS, log, createRollouts(parts)),
    startTask('automatic fixes', FIX_AUTOMATIC_TICK_MS, log, createAutomaticFixes(parts)),
    startConfigurationTeller(parts, PARTS.configurations),
    startInheritance(parts),
    startTask('rule watch', RULE_WATCH_MS, log, createRuleWatch(parts)),
    startTask('retention', RETENTION_MS, log, createRetention(store)),
    startHistoryKeeper(store, options.historyDays, log),
    startUploadEngine(software),
    startTask('upload sweeper', UPLOAD_SWEEP_MS, log, createUploadSweeper(software)),
    startTask('key keeper', KEY_KEEPER_MS, log, createKeyKeeper(store, options.seal, log)),
    startWebhookSender({ store, seal: options.seal, log, allowPrivate: options.webhooksAllowPrivate }),
  ];
  return {
    async close() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await Promise.all(tasks.map((task) => task.close()));
      const deadline = AbortSignal.timeout(CLOSE_DEADLINE_MS);
      await Promise.all([...writers.values(), messageWriter].map((writer) => writer.close(deadline)));
      acks.flush();
    },
  };
}
