/** Tells hubs which messages are stored, in few bus messages: acknowledgements of one moment go together. */
import type { Bus } from '../bus/bus.ts';
import { hubAck, type Ack, type Up } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { ACK_IDS_MAX } from '@lovely/protocol';

export interface Acks {
  /** Acknowledges a message of a device; call it after the commit. */
  add(message: Up, id: number): void;
  /** Sends what was added. */
  flush(): void;
}

export function createAcks(bus: Bus): Acks {
  let byHub = new Map<string, Map<string, Ack[]>>();
  return {
    add({ hub, device, epoch }, id) {
      let byConnection = byHub.get(hub);
      if (!byConnection) byHub.set(hub, (byConnection = new Map()));
      const key = `${device} ${epoch}`;
      let acks = byConnection.get(key);
      if (!acks) byConnection.set(key, (acks = []));
      const last = acks.at(-1);
      if (last && last.ids.length < ACK_IDS_MAX) last.ids.push(id);
      else acks.push({ device, epoch, ids: [id] });
    },
    flush() {
      const sending = byHub;
      byHub = new Map();
      for (const [hub, byConnection] of sending) publishItems(bus, hubAck(hub), [...byConnection.values()].flat());
    },
  };
}
