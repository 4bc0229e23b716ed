import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root and the limit file of cgroups for memory, of version 1 and 2. */
const KINDS = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
];

/** A group of processes of which the kernel kills one if they exceed a limit of memory. */
export interface MemoryLimit {
  /** The command that runs another one in it, see `LaunchOptions`. */
  readonly under: readonly string[];
  remove(): void;
}

/** Creates such a group; undefined, with a printed line, if that is not possible. */
export function memoryLimit(bytes: number): MemoryLimit | undefined {
  const kind = KINDS.find(({ root }) => existsSync(join(root, 'cgroup.procs')));
  try {
    if (kind === undefined) throw new Error('there is no cgroup here');
    const group = join(kind.root, `portkv-${process.pid}`);
    mkdirSync(group);
    const limit = join(group, kind.limit);
    if (!existsSync(limit)) {
      rmdirSync(group);
      throw new Error(`${readFileSync(join(kind.root, 'cgroup.controllers'), 'utf8').trim()} are all it can limit`);
    }
    writeFileSync(limit, String(bytes));
    const enter = `echo $$ > ${join(group, 'cgroup.procs')} && exec "$0" "$@"`;
    return { under: ['sh', '-c', enter], remove: () => rmdirSync(group) };
  } catch (error) {
    console.log(`        SKIPPED: memory cannot be limited; it needs root and a cgroup (${(error as Error).message})`);
    return undefined;
  }
}
