/** What /proc/self/mountinfo and /proc/cmdline say. */

export interface Mount {
  /** As `7:1`; the major number is 0 where no block device stands behind it directly. */
  readonly device: string;
  readonly path: string;
  readonly type: string;
  /** What was mounted, as it was named then. */
  readonly source: string;
}

/** In the order in which they were mounted: the last at a path is the one that is seen. See proc_pid_mountinfo(5). */
export function readMounts(mountInfo: string): Mount[] {
  return mountInfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , device, , path] = before.split(' ');
    const [type, source] = after.split(' ');
    if (device === undefined || path === undefined || type === undefined || source === undefined) return [];
    return [{ device, path: unescaped(path), type, source: unescaped(source) }];
  });
}

/** What the kernel was told to take for its root, without quotes; the last one counts. */
export function rootOfCommandLine(commandLine: string): string | undefined {
  const words = commandLine.split(/\s+/).filter((word) => word.startsWith('root='));
  return words.at(-1)?.slice('root='.length).replaceAll('"', '') || undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
