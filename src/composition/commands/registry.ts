import { randomUUID } from 'node:crypto';
import { dirname, relative, resolve } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { ConfigFile, valueAt } from '../../infrastructure/config/config-file.js';
import { type Edit, editJson } from '../../infrastructure/config/json/json-editor.js';
import { type LoadedConfig, loadConfig, loadedConfig } from '../../infrastructure/config/load-config.js';
import { keyHolders, type Settings } from '../../infrastructure/config/settings/settings.js';
import type { Documents } from '../../infrastructure/registry/documents.js';
import { keptNodeId } from '../../infrastructure/registry/node-id.js';
import {
  changedDocuments,
  FORMAT,
  INSTALLATION,
  installationIn,
  isSharedPath,
  mergedConfig,
  SHARED,
  sharedPlacement,
} from '../../infrastructure/registry/registry-documents.js';
import { RegistryNode } from '../../infrastructure/registry/registry-node.js';
import { RegistryRates } from '../../infrastructure/registry/registry-rates.js';
import { ServedDocuments } from '../../infrastructure/registry/served-documents.js';
import { Argon2Hasher } from '../../infrastructure/security/argon2-hasher.js';
import { storedOwner } from '../../infrastructure/storage/building-blocks/server/store-owner.js';
import { lockDataFolder } from '../../infrastructure/storage/data-folder.js';
import { isRemoteEngine } from '../../infrastructure/storage/engines/registry.js';
import { readPlacement } from '../../infrastructure/storage/placement/files/stored-placement.js';
import { documentsOf } from '../start/config-source.js';

/** The most documents that are committed at once: etcd has a limit. */
const BATCH = 100;

const FOLDER = ['system', 'storage', 'persistent_file_path'];
const INSTALLATION_ID = ['system', 'installation_id'];

/**
 * Takes the projects, keys and shared settings of the configuration `from`, whose server is stopped, into the empty
 * registry that `config` names, and its data folder into `config`, which may name no other one if projects are in
 * files. Returns how many projects. Rejects with `invalid`, and changes nothing, if one of them cannot be taken.
 */
export async function importRegistry(from: string, config: string): Promise<number> {
  const file = new ConfigFile(resolve(from));
  const loaded = await loadConfig(file, new Argon2Hasher());
  if (loaded === undefined) throw new AppError('invalid', `${file.path} does not exist`);
  requireHashed(loaded.settings, file.path);
  const own = new ConfigFile(resolve(config));
  await requireFolder(own, loaded);
  const documents = await openRegistry(own);
  try {
    const folder = await lockDataFolder(loaded.dataFolder);
    try {
      const plain = mergedPlain((await file.read()) as Record<string, unknown>);
      const node = valueAt(await own.read(), ['system', 'node', 'id']);
      const nodeId = typeof node === 'string' ? node : await keptNodeId(folder.path);
      const changes = await changedDocuments(new Map(), plain, (project) => placementIn(folder.path, project, nodeId));
      const installation = { format: FORMAT, id: (await storedOwner(folder.path)) ?? randomUUID() };
      // The last one: until then no server takes what is there for a registry.
      await commitAll(documents, [...changes, [INSTALLATION, JSON.stringify(installation)]]);
      await nameFolder(own, loaded);
    } finally {
      await folder.release();
    }
  } finally {
    await documents.close();
  }
  return loaded.settings.projects.length;
}

/** Writes a configuration with what is in the registry that `config` names to a new file. Returns how many projects. */
export async function exportRegistry(to: string, config: string): Promise<number> {
  const file = new ConfigFile(resolve(config));
  const own = (await file.read()) as Record<string, unknown>;
  const documents = await openRegistry(file);
  try {
    const found = (await documents.read()).documents;
    if (installationIn(found) === undefined) throw new AppError('invalid', 'The registry is empty');
    const whole = mergedConfig(own, found) as { system: Record<string, unknown>; projects: unknown[] };
    const { registry: _, ...system } = whole.system;
    await new ConfigFile(resolve(to)).create({ ...whole, system }, async () => undefined);
    return whole.projects.length;
  } finally {
    await documents.close();
  }
}

/**
 * Replaces a setting in the registry that `config` names, and waits for the servers that use it. `name` is a path such
 * as `system.rate_limits.shared`, `text` its value as JSON; null removes it. Rejects with `invalid`, and changes
 * nothing, if the servers would not take it.
 */
export async function setInRegistry(name: string, text: string, config: string): Promise<void> {
  const file = new ConfigFile(resolve(config));
  const edit: Edit = { path: sharedPath(name), value: jsonValue(name, text) ?? undefined };
  const own = (await file.read()) as Record<string, unknown>;
  const registry = await openRegistry(file);
  const documents = new ServedDocuments(registry);
  const node = new RegistryNode(registry, () => documents.newest, new RegistryRates());
  try {
    const revision = await documents.change(async ({ documents: found }) => {
      if (installationIn(found) === undefined) throw new AppError('invalid', 'The registry is empty');
      const edited = JSON.parse(editJson(JSON.stringify(mergedConfig(own, found)), [edit]));
      await loadedConfig(edited, file, new Argon2Hasher());
      return changedDocuments(found, edited, async () => Promise.reject(new Error('no project was added')));
    });
    if (revision !== undefined) await node.untilApplied(revision);
  } finally {
    await node.stop();
  }
}

/** Throws `invalid` for what is not a setting of all servers. */
function sharedPath(name: string): string[] {
  const path = name.split('.');
  const [, section] = path;
  if (isSharedPath(path) && path[0] === 'system' && section !== 'authentication') return path;
  const sections = SHARED.filter((one) => one !== 'authentication').map((one) => `system.${one}`);
  throw new AppError('invalid', `${name} is not in the registry: ${sections.join(', ')} and their members are`);
}

function jsonValue(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('invalid', `The value of ${name} is not JSON: ${(error as Error).message}`);
  }
}

/** The data folder that a configuration names; undefined if it names none. */
function namedFolder(file: ConfigFile, config: unknown): string | undefined {
  const path = valueAt(config, FOLDER);
  return typeof path === 'string' ? resolve(dirname(file.path), path) : undefined;
}

async function requireFolder(own: ConfigFile, { dataFolder, settings }: LoadedConfig): Promise<void> {
  const named = namedFolder(own, await own.read());
  if (named === undefined || named === dataFolder) return;
  const inFiles = settings.projects.find(({ storage: { engine = '' } }) => !isRemoteEngine(engine));
  if (inFiles === undefined) return;
  const what = `system.storage.persistent_file_path is ${named}, but '${inFiles.id}' is in files in ${dataFolder}`;
  throw new AppError('invalid', `${own.path}: ${what}: name that folder, or none`);
}

/** Lets the server of the configuration go on with the data folder of what was imported. */
async function nameFolder(own: ConfigFile, { dataFolder, settings }: LoadedConfig): Promise<void> {
  const plan = (config: unknown): Edit[] => {
    const named = namedFolder(own, config);
    if (named !== undefined && named !== dataFolder) return [];
    const folder = { path: FOLDER, value: relative(dirname(own.path), dataFolder) };
    const id = { path: INSTALLATION_ID, value: settings.system.installation_id };
    return [...(named === undefined ? [folder] : []), ...(valueAt(config, INSTALLATION_ID) === undefined ? [id] : [])];
  };
  await own.change(plan, () => undefined);
}

async function openRegistry(file: ConfigFile): Promise<Documents> {
  const documents = await documentsOf(file);
  if (documents === undefined) throw new AppError('invalid', `${file.path} names no registry in system.registry`);
  return documents;
}

function requireHashed(settings: Settings, path: string): void {
  if (keyHolders(settings).every(({ key }) => !key.api_key)) return;
  throw new AppError('invalid', `${path} has keys in plain text: the registry has only their hashes; remove them`);
}

/** With a list of projects, if it has none. */
function mergedPlain(config: Record<string, unknown>): Record<string, unknown> {
  return { projects: [], ...config };
}

async function placementIn(folder: string, project: string, node: string) {
  const placement = await readPlacement(folder, project);
  if (placement !== undefined && placement.preparing === undefined && !placement.deleted)
    return sharedPlacement(placement, node);
  throw new AppError('invalid', `${folder}: project '${project}' is not ready: start and stop its server first`);
}

async function commitAll(documents: Documents, changes: readonly (readonly [string, string | undefined])[]) {
  const { revision: first, documents: before } = await documents.read();
  if (before.has(INSTALLATION)) throw new AppError('invalid', 'The registry has an installation already');
  let revision = first;
  for (let at = 0; at < changes.length; at += BATCH) {
    const made = await documents.commit(revision, new Map(changes.slice(at, at + BATCH)));
    if (made === undefined) throw new AppError('conflict', 'Another program has changed the registry; repeat it');
    revision = made;
  }
}
