/** What is said of an upload. */
import type { Upload } from '@lovely/api';
import { bytes } from '../format/number.ts';
import type { RunningUpload } from './uploader.ts';

export function stateText({ state, sentBytes, bytes: all, reason }: RunningUpload): string {
  const progress = `${bytes(sentBytes)} of ${bytes(all)}`;
  switch (state) {
    case 'waiting':
      return reason === null ? 'Begins…' : `${progress}. Waits: ${reason}`;
    case 'sending':
      return progress;
    case 'paused':
      return `Paused at ${progress}.`;
    case 'storing':
      return 'All of it is there and is being stored…';
    case 'done':
      return `${bytes(all)}, uploaded.`;
    case 'refused':
      return refusedText(reason ?? 'the server gave no reason.');
  }
}

function refusedText(reason: string): string {
  const isOther = /\bno archive\b/.test(reason);
  return `Refused: ${reason}${isOther ? ' Choose an artifact, which ends in .mender, or make one from this file.' : ''}`;
}

/** An upload of an artifact that another visit began and this tab does not go on with. */
export function isBrokenOff(upload: Upload, running: readonly RunningUpload[]): boolean {
  return (
    upload.kind === 'artifact' &&
    upload.state === 'arriving' &&
    !running.some((one) => one.upload?.id === upload.id || (one.upload === null && one.name === upload.name))
  );
}

/** As far as that can be known without reading it; what differs is refused when it is checked. */
export function isSameFile(file: { readonly name: string; readonly size: number }, upload: Upload): boolean {
  return file.size === upload.bytes && (upload.name === '' || file.name === upload.name);
}
