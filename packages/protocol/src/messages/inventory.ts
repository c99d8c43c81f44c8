/** Inventory (0x0105): what a gateway is made of; sent on change. */
import { ATTRIBUTES_MAX } from '../limits.ts';
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import { either, list, messageId, record, string } from '../shape.ts';

/** ← device. Replaces the device's attributes of scope "inventory". */
export const inventoryReport = message(
  PROTO.inventory,
  'report',
  { id: messageId },
  record(either(string(1024), list(string(1024), 64)), ATTRIBUTES_MAX),
);
