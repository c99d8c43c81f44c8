/** Examples for the documentation where one that is made from the schema would not read well. */
import type { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import type { ENDPOINTS, EndpointName } from './endpoints.ts';

export interface ExampleOf<E extends Endpoint> {
  readonly body?: z.input<E['body']>;
  readonly result?: z.output<E['result']>;
}

export const EXAMPLES: { readonly [Name in EndpointName]?: ExampleOf<(typeof ENDPOINTS)[Name]> } = {
  createLogin: { body: { email: 'ada@example.com', password: 'correct horse battery staple' } },
  setAuthSetStatus: { body: { status: 'accepted' } },
  createRule: {
    body: {
      key: 'kitchen-too-hot',
      title: 'Kitchen too hot',
      severity: 'warning',
      description: '{sensor} is at {value} °C.',
      cause: 'The oven was left open.',
      suggestion: ['Call the people of the house.'],
      watch: {
        kind: 'threshold',
        metric: 'oven.celsius',
        direction: 'above',
        raiseAt: 260,
        clearAt: 240,
        forMs: 60_000,
      },
      of: { kind: 'sensors', kinds: ['oven'], models: [] },
      target: { deviceTypes: [], groupIds: [], deviceIds: [] },
      evaluatedBy: 'device',
      enabled: true,
    },
  },
  makeArtifact: {
    body: {
      name: 'oven-control-7',
      deviceTypes: ['house-gateway'],
      content: {
        type: 'single-file',
        file: { uploadId: 'f2a09f5e-6d3b-4c0e-8a54-3c1ed6d6a0b1', name: 'oven.conf' },
        destination: '/etc/oven',
      },
    },
  },
  backtestRule: {
    body: {
      rule: {
        title: 'Kitchen too hot',
        severity: 'warning',
        description: '{sensor} is at {value} °C.',
        watch: {
          kind: 'threshold',
          metric: 'oven.celsius',
          direction: 'above',
          raiseAt: 260,
          clearAt: 240,
          forMs: 60_000,
        },
        of: { kind: 'sensors', kinds: ['oven'], models: [] },
      },
      from: '2026-11-15T00:00:00.000Z',
      to: '2026-11-22T00:00:00.000Z',
    },
  },
};
