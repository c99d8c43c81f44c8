/** The types of fixtures.json, which is plain JSON for the sake of other languages. */
import fixtures from './fixtures.json' with { type: 'json' };
import type { Json } from './notation.ts';

/** One message of the catalogue; `message` is its name in the surface of this package. */
export interface MessageFixture {
  readonly message: string;
  readonly from: 'device' | 'server' | 'browser' | 'either';
  readonly about: string;
  readonly hex: string;
  readonly frame: Json;
  /** What the frame's body holds: the MessagePack value `body`, plain bytes, or nothing. */
  readonly bodyIs: 'value' | 'bytes' | 'none';
  readonly body?: Json;
}

/** A value and its bytes. `smallest` is false where the bytes may be read, but are not what a writer makes. */
export interface ValueFixture {
  readonly about: string;
  readonly hex: string;
  readonly value: Json;
  readonly smallest: boolean;
}

/** A frame in one of the forms that a reader takes and a writer doesn't make. */
export interface FrameFixture {
  readonly about: string;
  readonly hex: string;
  readonly means: {
    readonly proto: number;
    readonly typ: string;
    readonly sid: string;
    readonly props: Json;
    readonly body: Json;
  };
}

/** Bytes that must be refused; the code is that of our own codec. */
export interface RefusedFixture {
  readonly about: string;
  readonly hex: string;
  readonly code: string;
}

interface Fixtures {
  readonly about: string;
  readonly protocolVersion: number;
  readonly messages: readonly MessageFixture[];
  readonly frames: readonly FrameFixture[];
  readonly values: readonly ValueFixture[];
  readonly refusedValues: readonly RefusedFixture[];
  readonly refusedFrames: readonly RefusedFixture[];
}

export const { protocolVersion, messages, frames, values, refusedValues, refusedFrames } =
  fixtures as unknown as Fixtures;
