/** Sends an action of a fix run to its house: the keys, the content of a script in parts, and the signed command. */
import {
  BODY_BYTES_MAX_DOWN,
  commandCancel,
  commandContent,
  commandKeys,
  commandRun,
  encodeFrame,
  type CommandKey,
  type CommandRun,
  type Frame,
} from '@lovely/protocol';
import type { Bus } from '../../bus/bus.ts';
import { hubDown } from '../../bus/subjects.ts';
import { ask } from '../../bus/topic.ts';
import { signCommand } from '../../command-signer.ts';
import type { RunnableAction } from '../../domain/fix-action.ts';
import { DELIVERY_TIMEOUT_MS, FIX_COMMAND_EXPIRY_MS } from '../../limits.ts';

/** Where the house is, and which of its runs is meant. */
export interface Addressee {
  readonly hubId: string;
  readonly deviceId: string;
  readonly epoch: number;
  readonly runId: string;
  readonly step: number;
}

export interface SigningKeys {
  readonly all: readonly CommandKey[];
  readonly current: { readonly id: string; readonly secret: string };
}

export type Command = Extract<RunnableAction, { kind: 'command' | 'script' }>;

/** The name of a run's action on the wire. */
export function wireName({ runId, step }: Pick<Addressee, 'runId' | 'step'>): string {
  return `${runId}.${step}`;
}

/** Throws when it does not get through; then it is sent again. */
export async function sendCommand(
  bus: Bus,
  to: Addressee,
  command: Command,
  keys: SigningKeys,
  nowMs: number,
): Promise<void> {
  const content = command.kind === 'script' ? new TextEncoder().encode(command.content) : undefined;
  const frames: Frame[] = [commandKeys.frame({}, [...keys.all])];
  if (command.kind === 'script') {
    const { sha256 } = command;
    for (let offset = 0; offset < content!.length; offset += BODY_BYTES_MAX_DOWN)
      frames.push(
        commandContent.frame(
          { sha256, offset, bytes: content!.length },
          content!.subarray(offset, offset + BODY_BYTES_MAX_DOWN),
        ),
      );
  }
  frames.push(commandRun.frame({}, signed(to, command, content?.length ?? 0, keys.current, nowMs)));
  for (const frame of frames) await deliver(bus, to, frame);
}

export async function sendCancel(bus: Bus, to: Addressee): Promise<void> {
  await deliver(bus, to, commandCancel.frame({}, { run: wireName(to) }));
}

function signed(
  to: Addressee,
  command: Command,
  contentBytes: number,
  key: SigningKeys['current'],
  nowMs: number,
): CommandRun {
  return signCommand(key, unsigned(to, command, contentBytes, nowMs));
}

function unsigned(
  to: Addressee,
  command: Command,
  contentBytes: number,
  nowMs: number,
): Omit<CommandRun, 'keyId' | 'signature'> {
  const { name, parameters, timeoutMs } = command;
  return {
    id: wireName(to),
    device: to.deviceId,
    // A title of a fix may be longer than a name on the wire.
    name: name.slice(0, 100),
    parameters,
    timeoutMs,
    expiresMs: nowMs + FIX_COMMAND_EXPIRY_MS,
    ...(command.kind === 'script'
      ? { script: { interpreter: command.interpreter, sha256: command.sha256, bytes: contentBytes } }
      : {}),
    ...(command.kind === 'command' && command.sensor !== null ? { sensor: command.sensor } : {}),
  };
}

async function deliver(bus: Bus, { hubId, deviceId, epoch }: Addressee, frame: Frame): Promise<void> {
  const answer = await ask(
    bus,
    hubDown(hubId),
    { device: deviceId, epoch, frame: encodeFrame(frame) },
    { timeoutMs: DELIVERY_TIMEOUT_MS },
  );
  if (!answer.ok) throw new Error(`the house could not be told: ${answer.code ?? 'refused'}`);
}
