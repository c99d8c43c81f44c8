/** io.mender.AuthenticationManager on the bus, as mender-client has it (COMPAT 2.6), for Mender's mender-connect. */
import type { MenderSidecar } from '../mender/sidecar.ts';
import type { Bus } from './bus.ts';
import type { BusProgram, ExportedObject } from './exported-object.ts';
import type { InterfaceTable } from './introspection.ts';

const INTERFACE = 'io.mender.Authentication1';
const STATE = { token: 's', server_url: 's' } as const;
const TABLE: InterfaceTable = {
  name: INTERFACE,
  methods: {
    GetJwtToken: { takes: {}, gives: STATE },
    FetchJwtToken: { takes: {}, gives: { success: 'b' } },
  },
  signals: { JwtTokenStateChange: STATE },
  properties: {},
};

export class MenderObject implements ExportedObject {
  readonly busName = 'io.mender.AuthenticationManager';
  readonly path = '/io/mender/AuthenticationManager';
  readonly table = TABLE;
  readonly errorPrefix = 'io.mender.Error';
  readonly #sidecar: MenderSidecar;
  #bus: Bus | undefined;

  constructor(sidecar: MenderSidecar) {
    this.#sidecar = sidecar;
    sidecar.listen(() => this.#tell());
  }

  readonly properties = (): { readonly [name: string]: unknown } => ({});

  call(_program: BusProgram, method: string): object {
    if (method === 'GetJwtToken') return this.#sidecar.authorization;
    // The client keeps its token fresh by itself; whoever asks for one hears of it in the signal.
    queueMicrotask(() => this.#tell());
    return { success: true };
  }

  connected(bus: Bus): void {
    this.#bus = bus;
  }

  disconnected(): void {
    this.#bus = undefined;
  }

  #tell(): void {
    const { token, server_url } = this.#sidecar.authorization;
    this.#bus?.signal(this.path, INTERFACE, 'JwtTokenStateChange', 'ss', [token, server_url]);
  }
}
