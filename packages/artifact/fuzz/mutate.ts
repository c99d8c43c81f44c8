/** Ways to spoil a good artifact: its bytes, and the members of its tar. */
import { BLOCK_BYTES, checksumOf, FIELDS } from '../src/tar/block.ts';
import type { Random } from './random.ts';

/** Something wrong with an artifact; the others are there to take parts from. */
type Mutation = (bytes: Buffer, others: readonly Buffer[], random: Random) => Buffer;

/** A member of the outer tar as it stands there. */
interface Member {
  readonly block: Buffer;
  readonly content: Buffer;
}

const ofBytes: readonly Mutation[] = [
  (bytes, _, { below }) => {
    const flipped = Buffer.from(bytes);
    for (let count = 1 + below(3); count > 0; count--) flipped[below(bytes.length)]! ^= 1 << below(8);
    return flipped;
  },
  (bytes, _, { below }) => bytes.subarray(0, below(bytes.length)),
  (bytes, _, { below }) => {
    const at = below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(600))]);
  },
  (bytes, _, { below }) => {
    const at = below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 + below(600), below(256)), bytes.subarray(at)]);
  },
  (bytes, others, { below, of }) => {
    const other = of(others);
    return Buffer.concat([bytes.subarray(0, below(bytes.length)), other.subarray(below(other.length))]);
  },
  (bytes, others, { of }) => Buffer.concat([bytes, of(others)]),
  (bytes, _, { below }) => Buffer.concat([bytes, Buffer.alloc(1 + below(2000), below(2) * 65)]),
];

type Change = (members: Member[], theirs: readonly Member[], random: Random) => Member[];

const ofMembers: readonly Change[] = [
  (members, _, { below }) => members.toSpliced(below(members.length), 1),
  (members, _, { below, of }) => members.toSpliced(below(members.length + 1), 0, of(members)),
  (members, theirs, { below, of }) => members.toSpliced(below(members.length + 1), 0, of(theirs)),
  (members, _, { below }) => {
    const [from] = [below(members.length)];
    const moved = members[from]!;
    return members.toSpliced(from, 1).toSpliced(below(members.length), 0, moved);
  },
  // Another's content under this one's name, as whoever has no key might try.
  (members, theirs, random) =>
    changeOne(members, random, (member) => {
      const same = theirs.filter((other) => nameOf(other) === nameOf(member));
      return same[0] ? withContent(member, same[0].content) : member;
    }),
  // Something behind a part that is packed, or in front of it, with a size that fits.
  (members, theirs, random) =>
    changeOne(members, random, (member) => {
      const more = random.of([
        Buffer.alloc(1 + random.below(700)),
        Buffer.from('garbage'),
        member.content,
        random.of(theirs).content,
      ]);
      return withContent(
        member,
        Buffer.concat(
          random.of([
            [member.content, more],
            [more, member.content],
          ]),
        ),
      );
    }),
  (members, _, random) =>
    changeOne(members, random, (member) =>
      withContent(member, member.content.subarray(0, random.below(member.content.length + 1))),
    ),
  // Links, folders, devices, and kinds that only some know.
  (members, _, random) =>
    changeOne(members, random, (member) =>
      withText(member, FIELDS.type.at, random.of('123456789xgSLKDMNV\0'.split('')), 1),
    ),
  (members, _, random) =>
    changeOne(members, random, (member) => {
      const size = random.of([0, 1, member.content.length + 1, member.content.length - 1, 8 ** 11 - 1, -1]);
      const text = size < 0 ? '-1' : size.toString(8).padStart(11, '0');
      return withText(member, FIELDS.size.at, text, FIELDS.size.length);
    }),
  (members, _, random) =>
    changeOne(members, random, (member) => {
      const name = random.of([
        '../../etc/passwd',
        '/etc/passwd',
        'data/0000.tar\nx',
        'data/0000.tar.gz',
        'header.tar.xz',
        'manifest',
        'manifest-augment',
        'header-augment.tar.gz',
        'data/0001.tar',
        '.',
        '',
        '\u00ff'.repeat(40),
      ]);
      return withText(member, FIELDS.name.at, name, FIELDS.name.length);
    }),
  // Extended headers that lie of what follows.
  (members, _, random) => {
    const records = random.of([
      ['size=0'],
      ['size=1'],
      ['size=1e3'],
      ['size=0x200'],
      ['size=-1'],
      ['size=99999999999999999999'],
      ['path=../x'],
      ['path=a\0b'],
      ['path=version'],
      [`path=${'x/'.repeat(5000)}y`],
      ['GNU.sparse.major=1', 'GNU.sparse.minor=0', 'GNU.sparse.realsize=1000000000000'],
      ['linkpath=/etc/passwd'],
      ['__proto__=1'],
    ]);
    const text = records.map(paxRecord).join('');
    const header = withText(members[0]!, FIELDS.type.at, random.of(['x', 'x', 'g']), 1);
    const extended = withContent(header, Buffer.from(random.below(6) === 0 ? text.slice(1) : text));
    return members.toSpliced(random.below(members.length), 0, extended);
  },
];

/** One of the ways, or several of them one after the other. */
export function mutate(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let result = bytes;
  for (let count = 1 + Math.floor(random.below(4) / 3); count > 0; count--) {
    if (random.below(2) === 0) result = random.of(ofBytes)(result, others, random);
    else {
      const members = membersOf(result);
      if (members.length === 0) continue;
      result = tarOf(random.of(ofMembers)(members, membersOf(random.of(others)), random));
    }
  }
  return result;
}

function changeOne(members: readonly Member[], random: Random, change: (member: Member) => Member): Member[] {
  const at = random.below(members.length);
  return members.map((member, index) => (index === at ? change(member) : member));
}

/** What can be made out of a tar that may be spoilt already. */
function membersOf(bytes: Buffer): Member[] {
  const members: Member[] = [];
  for (let at = 0; at + BLOCK_BYTES <= bytes.length && bytes[at] !== 0;) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    const size = Number.parseInt(block.toString('latin1', FIELDS.size.at, FIELDS.size.at + FIELDS.size.length), 8);
    if (!(size >= 0) || at + BLOCK_BYTES + size > bytes.length) break;
    members.push({ block, content: bytes.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size) });
    at += BLOCK_BYTES * (1 + Math.ceil(size / BLOCK_BYTES));
  }
  return members;
}

function tarOf(members: readonly Member[]): Buffer {
  const padding = ({ length }: Buffer): Buffer => Buffer.alloc((BLOCK_BYTES - (length % BLOCK_BYTES)) % BLOCK_BYTES);
  return Buffer.concat([
    ...members.flatMap(({ block, content }) => [block, content, padding(content)]),
    Buffer.alloc(2 * BLOCK_BYTES),
  ]);
}

function nameOf({ block }: Member): string {
  return block.toString('utf8', 0, FIELDS.name.length).replace(/\0.*$/s, '');
}

function withContent(member: Member, content: Buffer): Member {
  const size = content.length.toString(8).padStart(11, '0');
  return { ...withText(member, FIELDS.size.at, size, FIELDS.size.length), content };
}

/** With another text in its header, and a checksum that fits. */
function withText({ block, content }: Member, at: number, text: string, length: number): Member {
  const changed = Buffer.from(block);
  changed.fill(0, at, at + length);
  changed.write(text, at, length, 'utf8');
  const sum = checksumOf(changed).toString(8).padStart(6, '0');
  changed.write(`${sum}\0 `, FIELDS.checksum.at, 'latin1');
  return { block: changed, content };
}

function paxRecord(text: string): string {
  const rest = Buffer.byteLength(` ${text}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length++;
  return `${length} ${text}\n`;
}
