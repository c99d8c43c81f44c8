/** What a device says of an update, as it was captured from the wire. */
import { expect } from 'bun:test';
import { until } from '../harness/wait.ts';
import type { SceneDevice, Told, UpdateScene } from './update-scene.ts';
import { readVectors } from './vectors.ts';

/** The statuses of a scenario of the vectors. */
export function sequence(captured: string): Told[] {
  const found = readVectors().deployment_status_sequences.find(({ scenario }) => scenario === captured);
  if (!found) throw new Error(`there is no such scenario: ${captured}`);
  return found.status_puts.map((put) => ({ ...put }));
}

/** The device's log comes after its last word, and is shown line by line. */
export async function expectLog(scene: UpdateScene, deployment: string, device: SceneDevice): Promise<void> {
  const [log] = await until('it sends its log', () =>
    device.logs(deployment).length > 0 ? device.logs(deployment) : undefined,
  );
  expect((await scene.statusOf(deployment, device)).log).toBe(true);
  const [line] = (await scene.logOf(deployment, device)).split('\n');
  const { timestamp, level, message } = log!.messages[0]!;
  expect(line).toBe(`${timestamp.replace('T', ' ').replace('Z', ' +0000 UTC')} ${level}: ${message}`);
}
