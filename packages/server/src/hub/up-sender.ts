/**
 * Hands devices' messages to the workers in lists: what comes in one turn of the event loop goes as one message of the
 * bus, which costs all sides less than one for each.
 */
import type { Bus } from '../bus/bus.ts';
import { up, type Up } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { UP_BATCH_BYTES } from '../limits.ts';
import type { Log } from '../log.ts';

export interface UpSender {
  add(proto: number, message: Up): void;
  /** Sends what waits. */
  flush(): void;
}

export function createUpSender(bus: Bus, log: Log): UpSender {
  let waiting = new Map<number, Up[]>();
  let waitingBytes = 0;
  let isDue = false;

  function flush(): void {
    const sending = waiting;
    waiting = new Map();
    waitingBytes = 0;
    for (const [proto, messages] of sending) {
      try {
        publishItems(bus, up(proto), messages);
      } catch (error) {
        // The devices send again what nobody acknowledges.
        log.error({ error, proto, messages: messages.length }, "devices' messages could not be handed on");
      }
    }
  }

  return {
    add(proto, message) {
      const list = waiting.get(proto);
      if (list) list.push(message);
      else waiting.set(proto, [message]);
      waitingBytes += message.frame.length;
      if (waitingBytes >= UP_BATCH_BYTES) return flush();
      if (isDue) return;
      isDue = true;
      setImmediate(() => {
        isDue = false;
        flush();
      });
    },
    flush,
  };
}
