/** Bad input by the dozen: bytes that are no frame, bodies that are no JSON, and good values gone bad in one place. */

/** No frames: no MessagePack, no map, no header, size bombs, an extension, and another protocol. */
export const BAD_FRAMES: readonly Uint8Array[] = [
  [],
  [0xc1],
  [0x00],
  [0x80],
  [0x81, 0xa3, 0x68, 0x64, 0x72, 0xc0],
  [0x81, 0xa3, 0x68, 0x64, 0x72, 0x80],
  [0xdd, 0xff, 0xff, 0xff, 0xff],
  [0xdf, 0xff, 0xff, 0xff, 0xff],
  [0xc7, 0xff, 0x01],
  [...new TextEncoder().encode('GET / HTTP/1.1')],
].map((bytes) => new Uint8Array(bytes));

/** What is no JSON. */
export const NO_JSON: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  '',
  '{',
  '{"a":}',
  '{"a":1}{"a":1}',
  '\0\0\0',
  '{"a":"\0"}',
  'a=b&c=d',
  '--boundary\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--boundary--\r\n',
  '['.repeat(50_000),
  new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  new Uint8Array([0x1f, 0x8b, 0x08, 0x00]),
];

/** JSON that is the body of no endpoint. */
export const ODD_JSON: readonly string[] = [
  'null',
  'true',
  '17',
  '1e999',
  '"text"',
  '[[]]',
  '[{}]',
  '[null]',
  '{"":""}',
  '{"__proto__":{"status":"accepted"}}',
];

/** What names nothing, as it stands in a path or behind a question mark. */
export const BAD_NAMES: readonly string[] = [
  'nobody',
  '-1',
  '1.5',
  'NaN',
  '99999999999999999999',
  '%00',
  'a%00b',
  '%FF%FE',
  '%ED%A0%80',
  '%',
  '..%2F..%2Fetc%2Fpasswd',
  "'%20or%20''='",
  '%F0%9F%8F%A0',
  '-'.repeat(36),
  '11111111-2222-4333-8444-55555555555%00',
  ...badCursors(),
  'x'.repeat(3_000),
];

const BAD_VALUES: readonly unknown[] = ['a\0b', '\ud800', 'x'.repeat(100_000), '', null, -1, {}, [], true];

/** The value many times, each time with one of its leaves, or its keys, gone bad. */
export function spoil(good: unknown): unknown[] {
  if (Array.isArray(good))
    return [...good.flatMap((item, at) => spoil(item).map((bad) => good.toSpliced(at, 1, bad))), ...BAD_VALUES];
  if (typeof good !== 'object' || good === null) return [...BAD_VALUES];
  const entries = Object.entries(good);
  const spoilt = entries.flatMap(([key, value]) => [
    ...spoil(value).map((bad) => ({ ...good, [key]: bad })),
    ...['a\0b', '\ud800'].map((bad) => ({ ...good, [bad]: value })),
  ]);
  return [...spoilt, ...BAD_VALUES];
}

/** Almost a cursor of our lists: a time that no calendar has, and an id that is none. */
function badCursors(): string[] {
  const id = '00000000-0000-4000-8000-000000000000';
  const texts = [
    `2026-02-30 00:00:00+00|${id}`,
    `2026-01-01 00:00:00+99|${id}`,
    `2026-01-01 00:00:00+00|${'-'.repeat(36)}`,
  ];
  return texts.map((text) => Buffer.from(text).toString('base64url'));
}
