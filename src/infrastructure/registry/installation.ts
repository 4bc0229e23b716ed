import { randomUUID } from 'node:crypto';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { AppError } from '../../domain/errors.js';
import { valueAt } from '../config/config-file.js';
import { storedOwner, storeOwner, writeOwner } from '../storage/building-blocks/server/store-owner.js';
import type { DocumentsRead } from './documents.js';
import { plainKeyOf } from './own-settings.js';
import { FORMAT, INSTALLATION, installationIn, mergedConfig, SYSTEM, unusable } from './registry-documents.js';
import type { ServedDocuments } from './served-documents.js';

type Hasher = Pick<SecretHasher, 'verify' | 'hash' | 'keyIdOf'>;

/**
 * The newest documents, of which the first ones are made if there are none: the key in the file of the first server,
 * `own`, becomes that of the system. Rejects with `unavailable` if the data folder, which may be missing yet, has been
 * used with another installation.
 */
export async function readOrCreate(
  documents: ServedDocuments,
  folder: string,
  own: unknown,
  hasher: Hasher,
): Promise<DocumentsRead> {
  const owner = await storedOwner(folder);
  const read = await documents.read();
  const found = read.documents.size === 0 ? await createFirst(documents, read, folder, owner, own, hasher) : read;
  const id = installationIn(found.documents)?.id;
  if (owner === undefined || owner === id) return found;
  throw unusable(
    `${folder} has been used with the stores of another installation (${owner}) than the registry's ` +
      `(${id}): name another folder with system.storage.persistent_file_path, or another registry`,
  );
}

/** Throws `invalid` if the file of a server has a system key that is not the registry's. */
export async function requireSameKey(
  path: string,
  own: unknown,
  { documents }: DocumentsRead,
  hasher: Hasher,
): Promise<void> {
  const secret = plainKeyOf(own);
  const hash = valueAt(mergedConfig({}, documents), ['system', 'authentication', 'api_key_hash']);
  if (secret === undefined || (typeof hash === 'string' && (await hasher.verify(secret, hash)))) return;
  const message = `${path}: system.authentication.api_key is not the system key of the registry: remove it`;
  throw new AppError('invalid', message);
}

/** Gives a data folder to an installation: the names of its stores are those of all servers from then on. */
export async function claimFolder(folder: string, installation: string): Promise<void> {
  if ((await storedOwner(folder)) === undefined) await writeOwner(folder, installation);
  if ((await storeOwner(folder)) !== installation) throw unusable(`${folder} belongs to another installation`);
}

async function createFirst(
  documents: ServedDocuments,
  read: DocumentsRead,
  folder: string,
  owner: string | undefined,
  own: unknown,
  hasher: Hasher,
): Promise<DocumentsRead> {
  if (owner !== undefined) {
    throw unusable(
      `The registry is empty, but ${folder} has been used with stores of other servers: restore the ` +
        'registry, or name another folder with system.storage.persistent_file_path',
    );
  }
  const secret = plainKeyOf(own);
  const key =
    secret === undefined ? {} : { api_key_id: hasher.keyIdOf(secret) ?? null, api_key_hash: await hasher.hash(secret) };
  const first = new Map([
    [INSTALLATION, JSON.stringify({ format: FORMAT, id: randomUUID() })],
    [SYSTEM, JSON.stringify({ authentication: key })],
  ]);
  // Another node may make them at the same time.
  await documents.commit(read, first);
  return documents.read();
}
