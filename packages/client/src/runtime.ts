/** Picks, for each seam, the file for the runtime that we are in: Bun or Node. */
import type { Http, Network } from './http/http.ts';
import type { OpenPty } from './pty/pty.ts';
import type { Transport } from './transport/transport.ts';

export interface Runtime {
  readonly name: string;
  http(network: Network): Http;
  transport(network: Network): Transport;
  readonly openPty: OpenPty;
}

export async function loadRuntime(): Promise<Runtime> {
  if ('Bun' in globalThis) {
    const [{ bunHttp }, { bunTransport }, { openBunPty }] = await Promise.all([
      import('./http/bun.ts'),
      import('./transport/bun.ts'),
      import('./pty/bun.ts'),
    ]);
    return { name: `bun ${Bun.version}`, http: bunHttp, transport: bunTransport, openPty: openBunPty };
  }
  const [{ nodeHttp }, { nodeTransport }, { openNodePty }] = await Promise.all([
    import('./http/node.ts'),
    import('./transport/node.ts'),
    import('./pty/node.ts'),
  ]);
  return { name: `node ${process.versions.node}`, http: nodeHttp, transport: nodeTransport, openPty: openNodePty };
}
