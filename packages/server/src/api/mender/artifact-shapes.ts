/** Artifacts and releases in the shapes of Mender's management API (COMPAT section 3.4). */
import type { Artifact } from '@lovely/api';
import type { MenderReleaseRecord } from '../../store/mender-software.ts';

export function toMenderArtifact(artifact: Artifact) {
  const { id, name, description, deviceTypes, format, isSigned, payloads, provides, depends, clears, bytes } = artifact;
  return {
    id,
    name,
    description,
    device_types_compatible: deviceTypes,
    info: { format: 'mender', version: format },
    signed: isSigned,
    updates: payloads.map(({ type, files, metaData }) => ({
      type_info: { type },
      files: files.map((file) => ({ name: file.name, checksum: file.sha256, size: file.bytes, date: file.mtime })),
      // mender-cli reads a list of objects.
      meta_data: Object.keys(metaData).length === 0 ? [] : [metaData],
    })),
    artifact_provides: provides,
    artifact_depends: depends,
    clears_artifact_provides: clears,
    size: bytes,
    modified: artifact.createdAt,
  };
}

type Release = Omit<MenderReleaseRecord, 'id'>;

/** Version 2 of the API. */
export function toMenderRelease({ name, updatedAt, artifacts, tags, notes }: Release) {
  return {
    name,
    modified: updatedAt.toISOString(),
    artifacts: artifacts.map(toMenderArtifact),
    artifacts_count: artifacts.length,
    tags,
    notes,
  };
}

/** Version 1, with its capitals. */
export function toMenderReleaseV1({ name, artifacts }: Release) {
  return { Name: name, Artifacts: artifacts.map(toMenderArtifact), ArtifactsCount: artifacts.length };
}
