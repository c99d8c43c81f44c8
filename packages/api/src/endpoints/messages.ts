/** Messages to programs on a gateway, which registered a proto of your own there (docs/sensors.md). */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { MESSAGE_BYTES_MAX } from '../limits.ts';
import { id } from '../nouns.ts';

const none = z.object({});

export const sendDeviceMessage = endpoint({
  method: 'POST',
  path: '/api/v1/devices/{id}/messages',
  summary:
    'Send a message to the program on the gateway that registered the proto; it is gone where the gateway is away',
  access: 'device.write',
  action: 'device.send-message',
  params: z.object({ id }),
  query: none,
  body: z.object({
    /** 0x1000 to 0xEFFF. */
    proto: z.number().int().min(0x1000).max(0xefff),
    /** Bytes as base64, 4096 of them at most. */
    body: z.base64().max(Math.ceil(MESSAGE_BYTES_MAX / 3) * 4),
  }),
  result: z.undefined(),
  status: 204,
});
