/** The protos of every live channel. 0x1000 to 0xEFFF are free for local programs and need no change here. */
export const PROTO = {
  shell: 1,
  filetransfer: 2,
  portforward: 3,
  menderclient: 4,
  status: 0x0100,
  alert: 0x0101,
  command: 0x0102,
  update: 0x0103,
  configuration: 0x0104,
  inventory: 0x0105,
  sensors: 0x0106,
  /** Browser channel only: the map's visible cells. */
  map: 0x0200,
  /** Browser channel only: what happens in the fleet. */
  feed: 0x0201,
  control: 0xffff,
} as const;

export type ProtoName = keyof typeof PROTO;

export const CUSTOM_PROTO_MIN = 0x1000;
export const CUSTOM_PROTO_MAX = 0xefff;
