import type { Durability } from '../../../../application/ports/project-storage.js';
import type { Connections } from './client/clients.js';
import { readError } from './client/etcd-error.js';
import type { EtcdOptions } from './client/etcd-options.js';

/** The share of the quota from which on it counts as nearly full. */
const NEARLY_FULL = 0.8;
const MIB = 1024 * 1024;

/** What commits on this cluster survive, as it is now. */
export async function serverDurability(
  { client }: Connections,
  { timeout, quota_bytes }: Pick<EtcdOptions, 'timeout' | 'quota_bytes'>,
): Promise<Durability> {
  try {
    const [{ members }, { dbSize, errors }] = await Promise.all([client.members(timeout), client.status(timeout)]);
    const voters = members.filter(({ isLearner }) => !isLearner).length;
    const warnings: string[] = [];
    if (voters === 1) warnings.push('it has one member only: when that is lost, so is everything');
    if (voters === 2) warnings.push('it has two members: when one of them stops, all stops');
    if (errors.some((error) => error.includes('NOSPACE'))) {
      warnings.push('it is full (alarm NOSPACE) and refuses writes: compact, defragment, then disarm the alarm');
    } else if (dbSize > quota_bytes * NEARLY_FULL) {
      const [used, quota] = [dbSize, quota_bytes].map((bytes) => Math.round(bytes / MIB));
      warnings.push(
        `it has ${used} of the ${quota} MiB that quota_bytes says: compact and defragment it, or raise its quota`,
      );
    }
    for (const error of errors) if (!error.includes('NOSPACE')) warnings.push(`a member reports ${error}`);
    return { commit: durabilityOf(voters), warnings };
  } catch (error) {
    throw readError(error, 'etcd');
  }
}

function durabilityOf(members: number): string {
  if (members === 1) return 'linearizable, survives a crash of its only member, as long as the disk of that is whole';
  return `linearizable, survives the loss of a minority of its ${members} members`;
}
