/** Sends one part of an upload. XMLHttpRequest, as fetch tells nothing of how far a body has gone. */
import { ApiError, PATHS, type Problem, type Upload } from '@lovely/api';

/** @throws ApiError for what the server refuses, TypeError where it can't be reached, and the signal's reason */
export function sendPart(
  { id, offset, body }: { readonly id: string; readonly offset: number; readonly body: Blob },
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PATCH', PATHS.uploadParts.replace('{id}', id));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('upload-offset', String(offset));
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(Math.min(loaded, body.size)));
    request.addEventListener('load', () => {
      try {
        const answer: unknown = JSON.parse(request.responseText);
        if (request.status === 200) resolve(answer as Upload);
        else reject(new ApiError(answer as Problem));
      } catch (cause) {
        reject(new TypeError(`Something on the way answered ${request.status}.`, { cause }));
      }
    });
    request.addEventListener('error', () => reject(new TypeError('The server can’t be reached.')));
    request.addEventListener('abort', () => reject(signal.reason as Error));
    signal.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}
