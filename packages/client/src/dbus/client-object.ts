/** io.lovely.Client1 on the bus: a thin face of the local API. */
import type { Caller } from '../local/caller.ts';
import { INTERFACE, SIGNALS, type MethodName, type Taken } from '../local/interface.ts';
import type { LocalApi } from '../local/local-api.ts';
import type { Bus } from './bus.ts';
import { tellProperties, type BusProgram, type ExportedObject } from './exported-object.ts';
import { CLIENT_INTERFACE } from './introspection.ts';
import { signatureOf, writeArguments } from './values.ts';

export const CLIENT_PATH = '/io/lovely/Client1';

export class ClientObject implements ExportedObject {
  readonly busName = INTERFACE;
  readonly path = CLIENT_PATH;
  readonly table = CLIENT_INTERFACE;
  readonly errorPrefix = `${INTERFACE}.Error`;
  readonly #api: LocalApi;
  readonly #callers = new Map<string, Caller>();
  readonly #stopListening: () => void;
  #bus: Bus | undefined;
  #wasConnected: boolean;

  constructor(api: LocalApi) {
    this.#api = api;
    this.#wasConnected = api.properties.Connected;
    this.#stopListening = api.listen(({ Connected }) => this.#changed(Connected));
  }

  readonly properties = (): { readonly [name: string]: unknown } => ({ ...this.#api.properties });

  call(program: BusProgram, method: string, taken: object, bytes: number): object {
    return this.#api.call(this.#callerOf(program), method as MethodName, taken as Taken<MethodName>, bytes);
  }

  connected(bus: Bus): void {
    this.#bus = bus;
  }

  left(uniqueName: string): void {
    const caller = this.#callers.get(uniqueName);
    if (caller === undefined) return;
    this.#callers.delete(uniqueName);
    this.#api.left(caller);
  }

  disconnected(): void {
    this.#bus = undefined;
    for (const uniqueName of this.#callers.keys()) this.left(uniqueName);
  }

  close(): void {
    this.#stopListening();
  }

  #callerOf({ uniqueName, uid }: BusProgram): Caller {
    let caller = this.#callers.get(uniqueName);
    if (caller === undefined) {
      caller = {
        user: `uid ${uid}`,
        isRoot: uid === 0,
        name: `${uniqueName} (uid ${uid})`,
        tell: (signal, told) => {
          const args = SIGNALS[signal];
          this.#bus?.signal(CLIENT_PATH, INTERFACE, signal, signatureOf(args), writeArguments(args, told), uniqueName);
        },
      };
      this.#callers.set(uniqueName, caller);
    }
    return caller;
  }

  #changed(isConnected: boolean): void {
    if (this.#bus === undefined) return;
    tellProperties(this.#bus, this);
    if (isConnected === this.#wasConnected) return;
    this.#wasConnected = isConnected;
    const args = SIGNALS.ConnectedChanged;
    const told = writeArguments(args, { connected: isConnected });
    this.#bus.signal(CLIENT_PATH, INTERFACE, 'ConnectedChanged', signatureOf(args), told);
  }
}
