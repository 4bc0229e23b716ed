import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The user and the group that files belong to. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The owner of a path or, if that does not exist, of the nearest folder above that does. Links are followed. */
export async function ownerOf(path: string): Promise<Owner> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (dirname(path) === path) throw error;
    return ownerOf(dirname(path));
  }
}

/** The name of a user as `sudo -u` takes it. */
export function userName(uid: number): string {
  return idOf('-nu', uid) ?? `'#${uid}'`;
}

/** The groups that a user is in, with that of its files. */
export function groupsOf({ uid, gid }: Owner): ReadonlySet<number> {
  return new Set([gid, ...(idOf('-G', uid) ?? '').split(' ').filter(Boolean).map(Number)]);
}

/** What the system's `id` prints; undefined if it does not know the user. */
function idOf(option: string, uid: number): string | undefined {
  try {
    return execFileSync('id', [option, String(uid)], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}
