/** The folder that an update module finds: what is installed, what the artifact says of itself, and room to work (COMPAT 5.1). */
import type { ArtifactHeader } from '@lovely/artifact';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../../atomic-file.ts';
import type { ModuleContext } from '../update-module.ts';

/** Builds it anew. */
export function buildTree(tree: string, artifact: Omit<ArtifactHeader, 'scripts'>, context: ModuleContext): void {
  const { header, type, provides } = context;
  rmSync(tree, { recursive: true, force: true });
  for (const folder of ['header', 'tmp', 'streams']) mkdirSync(join(tree, folder), { recursive: true, mode: 0o700 });
  const { type: _, provides: artifactProvides, depends, clearsProvides, metaData } = header;
  const headerInfo = {
    payloads: artifact.payloads.map((payload) => ({ type: payload.type })),
    artifact_provides: { artifact_name: artifact.name, ...(artifact.group ? { artifact_group: artifact.group } : {}) },
    artifact_depends: {
      ...(artifact.dependsOnNames.length > 0 ? { artifact_name: artifact.dependsOnNames } : {}),
      device_type: artifact.deviceTypes,
      ...(artifact.dependsOnGroups.length > 0 ? { artifact_group: artifact.dependsOnGroups } : {}),
    },
  };
  const typeInfo = {
    type,
    ...(Object.keys(artifactProvides).length > 0 ? { artifact_provides: artifactProvides } : {}),
    ...(Object.keys(depends).length > 0 ? { artifact_depends: depends } : {}),
    ...(clearsProvides ? { clears_artifact_provides: clearsProvides } : {}),
  };
  const files = {
    version: '3',
    current_artifact_name: provides.artifact_name ?? '',
    current_artifact_group: provides.artifact_group ?? '',
    current_device_type: provides.device_type ?? '',
    'header/artifact_name': artifact.name,
    'header/artifact_group': artifact.group ?? '',
    'header/payload_type': type,
    'header/header-info': pretty(headerInfo),
    'header/type-info': pretty(typeInfo),
    'header/meta-data': pretty(metaData),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(tree, name), content, { mode: 0o600 });
}

/** A power loss from here on finds all that was written. */
export function syncTree(tree: string): void {
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) syncFolder(path);
    else if (entry.isFile()) syncFile(path);
  }
  syncFolder(tree);
}

function syncFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** As Mender's client prints it. */
function pretty(value: object): string {
  return JSON.stringify(value, null, 2);
}
