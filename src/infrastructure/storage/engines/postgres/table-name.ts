import { createHash } from 'node:crypto';
import { storeOwner } from '../../building-blocks/server/store-owner.js';
import type { Location } from '../location.js';

/**
 * The name of a store's tables: readable, and unlike that of any other data folder on the same server. Small letters,
 * digits and `_`, at most 48, so that it needs no quotes and names can be made of it.
 */
export async function tableName({ project, generation, folder }: Location): Promise<string> {
  const owner = await storeOwner(folder);
  const readable = project
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '_')
    .slice(0, 20);
  const id = createHash('sha256')
    .update(JSON.stringify([owner, project]))
    .digest('hex')
    .slice(0, 12);
  return `s_${readable}_${id}_${generation}`;
}
