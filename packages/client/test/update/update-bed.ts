import { afterAll, afterEach, beforeEach } from 'bun:test';
import { removeTemporaryFolders, temporaryFolder } from '../folder.ts';
import { ArtifactServer } from './artifact-server.ts';
import { openRig, type Rig, type RigOptions } from './update-rig.ts';

/** What each test of updates has anew. */
export interface UpdateBed {
  readonly folder: string;
  readonly server: ArtifactServer;
  /** The updates of the folder, as at a start of the client. */
  open(more?: Pick<RigOptions, 'host' | 'updates'>): Rig;
}

/** Once for a test file; `prepare` puts into the folder of each test what it needs. */
export function updateBed(prepare: (folder: string) => void = () => undefined): UpdateBed {
  let now: Pick<UpdateBed, 'folder' | 'server'>;
  beforeEach(async () => {
    now = { folder: temporaryFolder(), server: await ArtifactServer.start() };
    prepare(now.folder);
  });
  afterEach(() => now.server.stop());
  afterAll(removeTemporaryFolders);
  return {
    get folder() {
      return now.folder;
    },
    get server() {
      return now.server;
    },
    open: (more) => openRig({ folder: now.folder, server: now.server.url, ...more }),
  };
}
