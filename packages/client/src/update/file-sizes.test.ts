/** Update modules that want to know how large each file is before they read it (`DownloadWithFileSizes`). */
import { expect, test } from 'bun:test';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { updateBed } from '../../test/update/update-bed.ts';
import { artifactOf, endOf, fileOf, offerTo, payloadOf, writeProgram } from '../../test/update/update-rig.ts';

const bed = updateBed((folder) => mkdirSync(join(folder, 'modules')));

/** Reads the stream as Mender documents it, and writes down what it was told of each file and how much then came. */
const MODULE = (answer: string): string => `
case "$1" in
  ProvidePayloadFileSizes) ${answer} ;;
  Download*)
    echo "$1" >> $SANDBOX/told
    while :; do
      line=$(cat stream-next)
      [ -n "$line" ] || break
      path=\${line%% *}
      echo "$line: $(cat "$path" | wc -c)" >> $SANDBOX/told
    done ;;
esac
`;

const FILES = { 'large.img': 'x'.repeat(200_000), empty: '', 'small.txt': 'small' };

async function toldOf(answer: string): Promise<string[]> {
  writeProgram(join(bed.folder, 'modules/sized'), MODULE(answer));
  const files = Object.entries(FILES).map(([name, content]) => fileOf(name, content));
  const bytes = await artifactOf('sized-2', [payloadOf('sized', files)]);
  const rig = bed.open();
  offerTo(rig, { deployment: 'd', attempt: 1, artifact: bed.server.serve('/a', 'sized-2', bytes) });
  expect(await endOf(rig)).toMatchObject({ state: 'success' });
  return readFileSync(join(bed.folder, 'told'), 'utf8').trim().split('\n');
}

test('a module that asks for sizes gets them with the names', async () => {
  expect(await toldOf('echo Yes')).toEqual([
    'DownloadWithFileSizes',
    'streams/large.img 200000: 200000',
    'streams/empty 0: 0',
    'streams/small.txt 5: 5',
  ]);
});

for (const [who, answer] of [
  ['does not ask', 'echo No'],
  ['does not know the question', 'exit 1'],
] as const)
  test(`a module that ${who} gets the names alone`, async () => {
    expect(await toldOf(answer)).toEqual([
      'Download',
      'streams/large.img: 200000',
      'streams/empty: 0',
      'streams/small.txt: 5',
    ]);
  });
