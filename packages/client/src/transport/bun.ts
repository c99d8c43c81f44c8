/** WebSockets by Bun's own client. */
import type { Network } from '../http/http.ts';
import type { SocketEnd, Transport } from './transport.ts';

export function bunTransport({ authorities, certificate, proxy }: Network): Transport {
  const options = {
    perMessageDeflate: false,
    tls: {
      ...(authorities ? { ca: [...authorities] } : {}),
      ...(certificate ? { cert: certificate.chain, key: certificate.key } : {}),
    },
    ...(proxy === undefined ? {} : { proxy }),
  };
  return (url, headers, events) => {
    const socket = new WebSocket(url, { headers, ...options });
    socket.binaryType = 'arraybuffer';
    let opened = false;
    let failure = 'no connection';
    socket.addEventListener('open', () => {
      opened = true;
      events.open();
    });
    socket.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) events.message(new Uint8Array(data));
    });
    socket.addEventListener('pong', () => events.pong());
    socket.addEventListener('error', (event) => {
      failure = event instanceof ErrorEvent ? event.message : failure;
    });
    socket.addEventListener('close', ({ code, reason }) =>
      events.end(opened ? { kind: 'closed', code, reason } : neverOpened(failure)),
    );
    return {
      send: (bytes) => socket.send(bytes),
      ping: () => socket.ping(),
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      close: (code, reason) => socket.close(code, reason),
      terminate: () => socket.terminate(),
    };
  };
}

/** Bun tells the HTTP status of a refused upgrade in the error's text only. */
function neverOpened(failure: string): SocketEnd {
  const status = /Expected 101 status code: (\d{3})/.exec(failure)?.[1];
  return status === undefined ? { kind: 'unreachable', reason: failure } : { kind: 'refused', status: Number(status) };
}
