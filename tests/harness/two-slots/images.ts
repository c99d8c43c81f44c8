/** Small root file systems for a machine with two slots. They borrow their programs from the host. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ImageOptions {
  /** What it calls itself in /etc/release. */
  readonly release: string;
  /** Whether what it starts with is there; without it, the kernel panics. */
  readonly boots?: boolean;
  /** More files, by their path from the root. */
  readonly files?: { readonly [path: string]: string };
}

export const IMAGE_BYTES = 4 * 1024 * 1024;
/** Where the host's and the machine's folders come in. */
const FOLDERS = ['proc', 'dev', 'sys', 'usr', 'run', 'tmp', 'repo', 'boot', 'data', 'power', 'root'];
const LINKS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
const NOISE_BYTES = 512 * 1024;

/** The bytes of the file system. `folder` is for what lies around meanwhile. */
export async function makeImage(folder: string, { release, boots = true, files = {} }: ImageOptions): Promise<Buffer> {
  const tree = join(folder, `tree-${release}`);
  const image = join(folder, `image-${release}`);
  const all: { [path: string]: string | Buffer } = {
    'etc/release': release,
    'etc/fw_env.config': '/boot/uboot.env 0x0 0x4000\n/boot/uboot.env 0x8000 0x4000\n',
    'etc/hosts': '127.0.0.1 localhost\n',
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
    'etc/mender/artifact_info': `artifact_name=${release}\n`,
    // So that no image has the blocks of another.
    'usr.noise': randomBytes(NOISE_BYTES),
    ...(boots ? { 'etc/boots': 'yes' } : {}),
    ...files,
  };
  try {
    for (const name of FOLDERS) await mkdir(join(tree, name), { recursive: true });
    await mkdir(join(tree, 'var'));
    await symlink('/run/lock', join(tree, 'var/lock'));
    for (const name of LINKS) await symlink(`usr/${name}`, join(tree, name));
    for (const [path, content] of Object.entries(all)) {
      await mkdir(join(tree, path, '..'), { recursive: true });
      await writeFile(join(tree, path), content);
    }
    const options = ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-b', '4096'];
    await Bun.$`mke2fs ${options} -d ${tree} ${image} ${IMAGE_BYTES / 1024}k`.quiet();
    return await readFile(image);
  } finally {
    await rm(tree, { recursive: true, force: true });
    await rm(image, { force: true });
  }
}
