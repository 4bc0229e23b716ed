import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { KeyBounds } from '../../domain/key.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { headPages } from '../keyspace/paging.js';
import { Projects } from '../ports/registry/projects.js';
import { prefixToList } from './list-entries.js';

/** How much there is below a prefix. */
export interface PrefixSize {
  readonly prefix: string;
  readonly count: number;
  /** Of the values. */
  readonly bytes: number;
  /** False if there is more. */
  readonly complete: boolean;
}

/** The most entries of one prefix, and of all prefixes of a request, that are read. */
const MAX_PER_PREFIX = 1_000;
const MAX_IN_ALL = 100_000;

/** Counts entries and the bytes of their values, without reading values. */
@injectable()
export class MeasurePrefixes {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Pick<Keyspaces, 'of'>,
    @inject(Projects) private readonly projects: Pick<Projects, 'get'>,
  ) {}

  /** Everything between the bounds, exactly. Needs the right to read, as the size of one value does. */
  async total(caller: Identity, project: string, bounds: KeyBounds): Promise<Omit<PrefixSize, 'prefix' | 'complete'>> {
    const prefix = prefixToList(caller, this.projects.get(project), project, bounds.prefix, true);
    const total = { count: 0, bytes: 0 };
    for await (const page of headPages(await this.keyspaces.of(project), { ...bounds, prefix })) {
      total.count += page.length;
      for (const { sizeBytes } of page) total.bytes += sizeBytes;
    }
    return total;
  }

  /**
   * Each prefix up to a limit, so that a page of prefixes costs about as much whether they have thousands of entries or
   * millions.
   */
  async each(
    caller: Identity,
    project: string,
    prefixes: readonly string[],
    { start, end }: KeyBounds,
  ): Promise<readonly PrefixSize[]> {
    for (const prefix of prefixes) prefixToList(caller, this.projects.get(project), project, prefix, false);
    const keyspace = await this.keyspaces.of(project);
    const sizes: PrefixSize[] = [];
    let left = MAX_IN_ALL;
    for (const prefix of prefixes) {
      const size = await measured(keyspace, { prefix, start, end }, Math.max(1, Math.min(left, MAX_PER_PREFIX)));
      sizes.push({ prefix, ...size });
      left -= size.count;
    }
    return sizes;
  }
}

async function measured(keyspace: Keyspace, bounds: KeyBounds, limit: number): Promise<Omit<PrefixSize, 'prefix'>> {
  const { entries, last } = await keyspace.scanHeads({ ...bounds, limit: limit + 1 });
  const counted = entries.slice(0, limit);
  const bytes = counted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  await new Promise((resolve) => setImmediate(resolve));
  return { count: counted.length, bytes, complete: last === undefined && entries.length <= limit };
}
