import { createHash } from 'node:crypto';
import { storeOwner } from '../../building-blocks/server/store-owner.js';
import type { Location } from '../location.js';

/** What all keys of a store begin with: a hash tag, readable, unlike those of other data folders on the server. */
export async function storeName({ project, generation, folder }: Location): Promise<string> {
  const id = createHash('sha256')
    .update(JSON.stringify([await storeOwner(folder), project]))
    .digest('hex');
  return `{portkv:${project.replaceAll(/[{}]/g, '_')}:${id.slice(0, 12)}:${generation}}`;
}
