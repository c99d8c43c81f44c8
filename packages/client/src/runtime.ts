/** Picks, for each seam, the file for the runtime that we are in: Bun or Node. */
import type { Download, Http, Network } from './http/http.ts';
import type { OpenPty } from './pty/pty.ts';
import type { Transport } from './transport/transport.ts';

export interface Runtime {
  readonly name: string;
  http(network: Network): Http;
  download(network: Network): Download;
  transport(network: Network): Transport;
  readonly openPty: OpenPty;
}

export async function loadRuntime(): Promise<Runtime> {
  if ('Bun' in globalThis) {
    const [{ bunDownload, bunHttp }, { bunTransport }, { openBunPty }] = await Promise.all([
      import('./http/bun.ts'),
      import('./transport/bun.ts'),
      import('./pty/bun.ts'),
    ]);
    return {
      name: `bun ${Bun.version}`,
      http: bunHttp,
      download: bunDownload,
      transport: bunTransport,
      openPty: openBunPty,
    };
  }
  const [{ nodeDownload, nodeHttp }, { nodeTransport }, { openNodePty }] = await Promise.all([
    import('./http/node.ts'),
    import('./transport/node.ts'),
    import('./pty/node.ts'),
  ]);
  return {
    name: `node ${process.versions.node}`,
    http: nodeHttp,
    download: nodeDownload,
    transport: nodeTransport,
    openPty: openNodePty,
  };
}
