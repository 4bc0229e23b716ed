import type { Durability } from '../../../../application/ports/project-storage.js';
import type { Connection } from './connections.js';
import { readError } from './redis-error.js';

const NAMES = [
  ...['appendonly', 'appendfsync', 'maxmemory-policy'],
  ...['min-replicas-to-write', 'min-replicas-max-lag'],
] as const;

/** What commits on this server survive, as its settings are now. */
export async function serverDurability({ redis, ready }: Connection, name: string, wait: number): Promise<Durability> {
  let settings: ReadonlyMap<string, string> | undefined;
  let replicas = 0;
  try {
    await ready();
    replicas = Number(/^connected_slaves:(\d+)/m.exec(await redis.info('replication'))?.[1] ?? 0);
    settings = await read(redis);
  } catch (error) {
    throw readError(error, name);
  }
  if (settings === undefined) {
    const commit = 'is as safe as the server is set, which does not say';
    return { commit, warnings: ['it does not show its settings: see that no entry is evicted'] };
  }
  const failover = replicas > 0 || wait > 0 ? `, and ${failoverOf(settings, wait)}` : '';
  const warnings = warningsOf(settings);
  if (replicas < wait) warnings.push(`it has ${replicas} replicas, and commits wait for ${wait}`);
  return { commit: durabilityOf(settings) + failover, warnings };
}

/**
 * With `wait`, so many replicas have each commit. A server that has had no answer of a replica for longer refuses
 * writes, so no more than that can be lost.
 */
function failoverOf(settings: ReadonlyMap<string, string>, wait: number): string {
  if (wait > 0) return `is on ${wait} replicas: a failover to another one may lose it`;
  const [needed, lag] = [settings.get('min-replicas-to-write'), settings.get('min-replicas-max-lag')];
  if (Number(needed) === 0 || Number(lag) === 0) return 'may be lost at a failover until a replica has it';
  return `what the last ${lag} seconds before a failover committed may be lost`;
}

/** Undefined if the server refuses to show them. */
async function read(redis: Connection['redis']): Promise<ReadonlyMap<string, string> | undefined> {
  const all = new Map<string, string>();
  for (const name of NAMES) {
    const found = await redis.config('GET', name).catch((error: Error) => {
      if (error.name === 'ReplyError') return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    all.set(name, found[1] ?? '');
  }
  return all;
}

function durabilityOf(settings: ReadonlyMap<string, string>): string {
  if (settings.get('appendonly') !== 'yes') return 'may be lost at a crash of the server: appendonly is off';
  const sync = settings.get('appendfsync');
  if (sync === 'always') return 'survives a crash of the server, as long as its disk is whole';
  return `may be lost at a crash of the server within ${sync === 'everysec' ? 'two seconds' : 'half a minute'}`;
}

function warningsOf(settings: ReadonlyMap<string, string>): string[] {
  const warnings: string[] = [];
  const policy = settings.get('maxmemory-policy') ?? '';
  if (policy !== 'noeviction') warnings.push(`maxmemory-policy is ${policy}: entries are lost when the memory is full`);
  if (settings.get('appendonly') !== 'yes') warnings.push('appendonly is off: a crash loses what was acknowledged');
  else if (settings.get('appendfsync') === 'no')
    warnings.push('appendfsync is no: a crash loses what was acknowledged');
  return warnings;
}
