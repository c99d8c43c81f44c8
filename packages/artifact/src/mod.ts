/** Mender artifacts: read while they arrive, written, signed and verified. */
export { COMPRESSIONS } from './compression.ts';
export type { Compression } from './compression.ts';
export { ArtifactError } from './error.ts';
export type { ArtifactErrorCode } from './error.ts';
export { fitsGlob } from './glob.ts';
export type { ArtifactHeader, Depends, PayloadHeader, Provides, Script } from './header.ts';
export { readArtifact } from './read.ts';
export type { Artifact, ArtifactStart, PayloadFile, ReadOptions } from './read.ts';
export { readSensorFirmware, SENSOR_FIRMWARE } from './sensor-firmware.ts';
export type { SensorFirmware } from './sensor-firmware.ts';
export { isSignedBy, readVerificationKey, signManifest } from './signature.ts';
export { tarBytes, writeTar } from './tar/write.ts';
export type { NewMember } from './tar/write.ts';
export { writeArtifact } from './write.ts';
export type { NewArtifact, NewFile } from './write.ts';
