import { type FirstKeys, writeFirstConfig } from '../../infrastructure/config/first-config.js';
import { generateMissingKeys, type ShownKey } from '../../infrastructure/config/generate-missing-keys.js';
import { hashPlainKeys } from '../../infrastructure/config/hash-plain-keys.js';
import { type LoadedConfig, loadConfig } from '../../infrastructure/config/load-config.js';
import type { Settings } from '../../infrastructure/config/settings/settings.js';
import { removeLeftovers } from '../../infrastructure/files/durable-file.js';
import { refuseMountedFiles } from '../../infrastructure/files/mounted-files.js';
import { type AdjustableLogger, type LogOptions, pinoLogger } from '../../infrastructure/observability/pino-logger.js';
import { keptNodeId } from '../../infrastructure/registry/node-id.js';
import type { Argon2Hasher } from '../../infrastructure/security/argon2-hasher.js';
import type { ServeOptions } from '../../interfaces/cli/actions.js';
import { type Pair, recordOwner } from '../data-folder-owner.js';
import { firstKeysText, madeKeysText, type ShowKeys } from '../show-keys.js';

/** A configuration that is complete, with its log and the keys that were made. */
export interface PreparedConfig {
  readonly settings: Settings;
  readonly log: AdjustableLogger;
  /** The name of this server; undefined if it has none. */
  readonly nodeId: string | undefined;
  /** Of a configuration that was missing. */
  readonly firstKeys: FirstKeys | undefined;
  /** Of keys that it asks for and does not have. */
  readonly madeKeys: readonly ShownKey[];
}

/**
 * Finishes what a crash interrupted, writes a configuration that is missing, records it as the owner of the data
 * folder, replaces plain keys by their hashes, and makes the keys that are missing, unless `makesKeys` is false.
 */
export async function prepareConfig(
  pair: Pair,
  hasher: Argon2Hasher,
  options: ServeOptions,
  show: ShowKeys,
  makesKeys: boolean,
): Promise<PreparedConfig> {
  const { file, config, folder } = pair;
  await refuseMountedFiles(folder);
  await file.recover();
  await removeLeftovers(file.path);
  const showFirst = (keys: FirstKeys) => show(firstKeysText(keys));
  const firstKeys = config === undefined ? await writeFirstConfig(file, hasher, showFirst) : undefined;
  const { settings } = config ?? ((await loadConfig(file, hasher)) as LoadedConfig);
  const nodeId = await nodeIdOf(settings, pair);
  file.nodeId = nodeId;
  const log = await pinoLogger(logOptions(options, settings.system.logging), nodeId);
  await recordOwner(pair, settings, options.adopt === true, log);
  const hashed = await hashPlainKeys(settings, file, hasher);
  const showMade = (keys: readonly ShownKey[]) => show(madeKeysText(keys));
  const madeKeys = makesKeys ? await generateMissingKeys(settings, file, hasher, showMade, log) : [];
  for (const warning of hashed) log.warn({}, warning);
  return { settings, log, nodeId, firstKeys, madeKeys };
}

/** A server that shares nothing needs no name. */
async function nodeIdOf({ system }: Settings, { file, folder }: Pair): Promise<string | undefined> {
  return system.node.id ?? (file.shared === undefined ? undefined : await keptNodeId(folder));
}

function logOptions({ logLevel }: ServeOptions, configured: LogOptions): LogOptions {
  return { format: configured.format, level: (logLevel as LogOptions['level'] | undefined) ?? configured.level };
}
