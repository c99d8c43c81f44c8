/** Stores what gateways say of updates: what they provide, how far they are, why it failed. */
import {
  decodeFrame,
  FRAME_BYTES_MAX_UP,
  PROTO,
  ProtocolError,
  updateLog,
  updateProgress,
  updateProvides,
  updateState,
  type Frame,
} from '@lovely/protocol';
import type { LogLine } from '@lovely/api';
import { announceDeployments, announceSoftware } from '../../bus/announce.ts';
import type { Up } from '../../bus/subjects.ts';
import { startTask } from '../../background-task.ts';
import { DEPLOYMENT_PROGRESS_HOUSES_MAX, DEPLOYMENT_PROGRESS_MS } from '../../software-limits.ts';
import { storeProgress, type Progress } from '../../store/deployment-active.ts';
import type { DeploymentChange } from '../../store/deployment-changes.ts';
import { storeDeploymentLog } from '../../store/deployment-logs.ts';
import { storeDeploymentReports } from '../../store/deployment-reports.ts';
import { storeProvides } from '../../store/device-software.ts';
import { createUpWriter, type Incoming, type UpWriter, type WriterParts } from '../up-writer.ts';
import type { DeploymentEngine } from './deployment-engine.ts';

type Body<M extends { read(frame: Frame): { body: unknown } }> = ReturnType<M['read']>['body'];

type Told =
  | { readonly kind: 'provides'; readonly values: Body<typeof updateProvides>['values'] }
  | { readonly kind: 'state'; readonly body: Body<typeof updateState> }
  | { readonly kind: 'log'; readonly body: Body<typeof updateLog> };

export function createUpdateWriter(parts: WriterParts, engine: DeploymentEngine): UpWriter {
  const { store, bus, log } = parts;
  const { database } = store;
  const progress = new Map<string, Progress>();

  const writer = createUpWriter<Told>(parts, 'update', read, async (batch) => {
    const changes: DeploymentChange[] = [];
    const provides = only(batch, 'provides');
    if (provides.length > 0) {
      const news = await storeProvides(
        database,
        provides.map(({ up, id, content }) => ({
          tenantId: up.tenant,
          deviceId: up.device,
          provides: content.values,
          by: 'channel',
          messageId: id,
        })),
      );
      announceSoftware(bus, news);
      await engine.hear(provides.map(({ up }) => up.device));
    }
    const states = only(batch, 'state');
    const stored = await storeDeploymentReports(
      database,
      states.map(({ up, content: { body } }) => ({
        ...body,
        tenantId: up.tenant,
        deviceId: up.device,
        deploymentId: idOf(body.deployment),
        atMs: body.atMs + (up.clockOffsetMs ?? 0),
      })),
    );
    changes.push(...stored.changes);
    for (const { up, id, content } of only(batch, 'log')) {
      const { deployment, attempt, lines } = content.body;
      const kept = await storeDeploymentLog(database, {
        tenantId: up.tenant,
        deviceId: up.device,
        deploymentId: idOf(deployment),
        attempt,
        messageId: id,
        lines: lines.map((line) => toLine(line, up.clockOffsetMs ?? 0)),
      });
      changes.push(...kept.changes);
    }
    announceDeployments(bus, changes);
    engine.lookAt(changes.map(({ deploymentId }) => deploymentId));
  });

  const task = startTask('progress of updates', DEPLOYMENT_PROGRESS_MS, log, async () => {
    const waiting = [...progress.values()];
    progress.clear();
    if (waiting.length > 0) announceDeployments(bus, await storeProgress(database, waiting));
  });

  /** Progress may get lost: it is not acknowledged, and of one house only the last counts. */
  function takeProgress(up: Up, frame: Frame): void {
    const { deployment, attempt, percent, bytes, sensors = [] } = updateProgress.read(frame).body;
    const key = `${up.device} ${deployment}`;
    if (!progress.has(key) && progress.size >= DEPLOYMENT_PROGRESS_HOUSES_MAX) return;
    progress.set(key, {
      deploymentId: idOf(deployment),
      deviceId: up.device,
      tenantId: up.tenant,
      attempt,
      percent,
      bytes,
      sensors: new Map([
        ...(progress.get(key)?.sensors ?? []),
        ...sensors.map((sensor) => [sensor.id, sensor] as const),
      ]),
    });
  }

  return {
    take(messages) {
      const others = messages.filter((up) => {
        try {
          const frame = decodeFrame(up.frame, FRAME_BYTES_MAX_UP);
          if (!updateProgress.is(frame)) return true;
          takeProgress(up, frame);
          return false;
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          // The writer says what is wrong with it.
          return true;
        }
      });
      writer.take(others);
    },
    async close(signal) {
      await task.close();
      await writer.close(signal);
    },
  };
}

function read(frame: Frame): { id: number; content: Told } {
  if (updateProvides.is(frame)) {
    const { props, body } = updateProvides.read(frame);
    return { id: props.id, content: { kind: 'provides', values: body.values } };
  }
  if (updateState.is(frame)) {
    const { props, body } = updateState.read(frame);
    idOf(body.deployment);
    return { id: props.id, content: { kind: 'state', body } };
  }
  if (updateLog.is(frame)) {
    const { props, body } = updateLog.read(frame);
    idOf(body.deployment);
    return { id: props.id, content: { kind: 'log', body } };
  }
  throw new ProtocolError('bad-message', `unknown message ${PROTO.update}/${frame.typ}`);
}

function only<K extends Told['kind']>(
  batch: readonly Incoming<Told>[],
  kind: K,
): Incoming<Extract<Told, { kind: K }>>[] {
  return batch.filter(({ content }) => content.kind === kind) as Incoming<Extract<Told, { kind: K }>>[];
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function idOf(deployment: string): string {
  if (ID.test(deployment)) return deployment;
  throw new ProtocolError('bad-message', 'no deployment of ours has such a name');
}

/** A gateway's clock may say anything. */
function toLine({ atMs, level, message }: Body<typeof updateLog>['lines'][number], offsetMs: number): LogLine {
  const at = new Date(Math.max(0, Math.min(YEAR_9999_MS, atMs + offsetMs)));
  return { at: at.toISOString(), level, message };
}

const YEAR_9999_MS = Date.UTC(9999, 11, 31);
