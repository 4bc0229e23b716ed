import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a file over another one, with more options of mount; returns a function that takes the mount away. */
export function mountFile(from: string, to: string, ...options: string[]): () => void {
  execFileSync('mount', ['--bind', from, to], { stdio: 'pipe' });
  if (options.length > 0) execFileSync('mount', ['-o', ['remount', 'bind', ...options].join(','), to]);
  return () => execFileSync('umount', ['--lazy', to]);
}

/** Why nothing can be mounted here; undefined if it can. */
export function mountProblem(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-'));
  try {
    for (const name of ['a', 'b']) writeFileSync(join(folder, name), '');
    mountFile(join(folder, 'a'), join(folder, 'b'))();
    return undefined;
  } catch (error) {
    return (error as Error).message.trim().split('\n').at(-1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
