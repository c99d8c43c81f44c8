/** What the API has beside JSON over HTTP, for the OpenAPI document: tiles, files, redirects and WebSockets. */
import { PATHS } from '@lovely/api';

interface OtherPath {
  readonly path: string;
  readonly method: 'get' | 'patch';
  readonly operation: object;
}

const text = (example: string) => ({ schema: { type: 'string' }, example });
const whole = (name: string) => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'integer', minimum: 0 },
  example: 5,
});
const uuid = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', format: 'uuid' },
  example: 'f2a09f5e-6d3b-4c0e-8a54-3c1ed6d6a0b1',
};
const refused = Object.fromEntries(
  [401, 403, 429].map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
);
const needs = (permission: string) => ({ 'x-access': permission, 'x-permission': permission });
const tile = { schema: { type: 'string', format: 'binary' } };

const artifactContent = {
  200: {
    description: 'The content, with Content-Length and ETag',
    content: { 'application/vnd.mender-artifact': tile },
  },
  206: { description: 'The bytes that Range names' },
  416: { description: 'The content has no such bytes' },
  ...refused,
};

export const OTHER_PATHS: readonly OtherPath[] = [
  {
    path: PATHS.uploadParts,
    method: 'patch',
    operation: {
      operationId: 'sendUploadPart',
      summary: 'Send a part of an upload: the bytes from Upload-Offset on, up to the end of the body',
      tags: ['uploads'],
      ...needs('artifact.write'),
      parameters: [
        uuid,
        { name: 'Upload-Offset', in: 'header', required: true, schema: { type: 'integer', minimum: 0 }, example: 0 },
      ],
      requestBody: { content: { 'application/octet-stream': tile } },
      responses: {
        200: {
          description: 'How far it is',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Upload' } } },
        },
        ...refused,
      },
    },
  },
  {
    path: PATHS.artifactContent,
    method: 'get',
    operation: {
      operationId: 'downloadArtifact',
      summary: 'The content of an artifact',
      tags: ['artifacts'],
      ...needs('fleet.read'),
      parameters: [uuid],
      responses: artifactContent,
    },
  },
  {
    path: PATHS.deviceArtifact,
    method: 'get',
    operation: {
      operationId: 'downloadOfferedArtifact',
      summary: 'The content of an artifact for a device, by the signed link of an offer',
      tags: ['artifacts'],
      security: [{}],
      'x-access': 'anyone',
      parameters: [uuid],
      responses: artifactContent,
    },
  },
  {
    path: PATHS.fleetTiles,
    method: 'get',
    operation: {
      operationId: 'getFleetTile',
      summary: 'A vector tile of the houses (layer `house`), with counts where they are many',
      tags: ['map'],
      ...needs('fleet.read'),
      parameters: ['z', 'x', 'y'].map(whole),
      responses: {
        200: { description: 'The tile', content: { 'application/vnd.mapbox-vector-tile': tile } },
        ...refused,
      },
    },
  },
  {
    path: PATHS.basemapTiles,
    method: 'get',
    operation: {
      operationId: 'getBasemapTile',
      summary: 'A vector tile of the world',
      tags: ['map'],
      ...needs('fleet.read'),
      parameters: ['z', 'x', 'y'].map(whole),
      responses: {
        200: { description: 'The tile', content: { 'application/vnd.mapbox-vector-tile': tile } },
        204: { description: 'There is nothing in this tile' },
        ...refused,
      },
    },
  },
  {
    path: PATHS.auditExport,
    method: 'get',
    operation: {
      operationId: 'exportAudit',
      summary: 'The audit log as a file, with the filters of the list',
      tags: ['audit'],
      ...needs('audit.read'),
      parameters: [
        { name: 'format', in: 'query', schema: { type: 'string', enum: ['csv', 'ndjson'] } },
        { name: 'since', in: 'query', schema: { type: 'string', format: 'date-time' } },
        { name: 'until', in: 'query', schema: { type: 'string', format: 'date-time' } },
      ],
      responses: {
        200: {
          description: 'One entry a line',
          content: {
            'text/csv': text('position,at,actor,action\n1,2026-11-22T12:00:00.000Z,ada@example.com,device.accept\n'),
            'application/x-ndjson': text('{"position":1,"action":"device.accept"}\n'),
          },
        },
        ...refused,
      },
    },
  },
  {
    path: PATHS.prometheus,
    method: 'get',
    operation: {
      operationId: 'getPrometheus',
      summary: 'The last values of all metrics of the houses, in the text format of Prometheus',
      tags: ['metrics'],
      ...needs('fleet.read'),
      parameters: [{ name: 'group', in: 'query', schema: { type: 'string', format: 'uuid' } }],
      responses: {
        200: {
          description: 'One sample a line',
          content: {
            'text/plain': text(
              '# TYPE lovely_load_1m gauge\nlovely_load_1m{device="4f…",name="House 7",source=""} 0.4\n',
            ),
          },
        },
        ...refused,
      },
    },
  },
  {
    path: PATHS.oidcStart,
    method: 'get',
    operation: {
      operationId: 'startOidcLogin',
      summary: 'Begins to sign a browser in through an OpenID Connect provider',
      tags: ['login'],
      security: [{}],
      'x-access': 'anyone',
      parameters: [uuid],
      responses: { 302: { description: 'To the provider' } },
    },
  },
  {
    path: PATHS.oidcCallback,
    method: 'get',
    operation: {
      operationId: 'finishOidcLogin',
      summary: 'Where the provider sends the browser back to',
      tags: ['login'],
      security: [{}],
      'x-access': 'anyone',
      parameters: [uuid, ...['code', 'state'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }))],
      responses: { 302: { description: 'To the first page, signed in, or to the sign-in with what went wrong' } },
    },
  },
  {
    path: PATHS.live,
    method: 'get',
    operation: {
      operationId: 'openLive',
      summary: 'WebSocket with ProtoMsg: changes of the map and of what is on the screen',
      description: 'Binary messages, one MessagePack map each; packages/protocol says which there are.',
      tags: ['live'],
      ...needs('fleet.read'),
      responses: {
        101: { description: 'A WebSocket' },
        426: { $ref: '#/components/responses/Problem426' },
        ...refused,
      },
    },
  },
  {
    path: PATHS.deviceConnect,
    method: 'get',
    operation: {
      operationId: 'openDeviceSession',
      summary: 'WebSocket with ProtoMsg to one device: terminals; Mender’s path and protocol',
      tags: ['deviceconnect'],
      ...needs('device.terminal'),
      parameters: [uuid],
      responses: {
        101: { description: 'A WebSocket' },
        404: { $ref: '#/components/responses/Problem404' },
        426: { $ref: '#/components/responses/Problem426' },
        ...refused,
      },
    },
  },
  {
    path: '/api/openapi.json',
    method: 'get',
    operation: {
      operationId: 'getOpenApi',
      summary: 'This document',
      tags: ['system'],
      security: [{}],
      'x-access': 'anyone',
      responses: {
        200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
      },
    },
  },
];
