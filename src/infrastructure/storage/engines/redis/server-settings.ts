import type { ServerPromises } from '../engine.js';
import type { Connection } from './connections.js';
import { readError } from './redis-error.js';

const NAMES = ['appendonly', 'appendfsync', 'maxmemory', 'maxmemory-policy', 'save'] as const;

/** What commits on this server survive, as its settings are now. */
export async function serverPromises({ redis, ready }: Connection, name: string): Promise<ServerPromises> {
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
    const durability = 'is as safe as the server is set, which does not say';
    return { durability, warnings: ['it does not show its settings: see that no entry is evicted'] };
  }
  const failover = replicas > 0 ? ', and may be lost at a failover until a replica has it' : '';
  return { durability: durabilityOf(settings) + failover, warnings: warningsOf(settings) };
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
