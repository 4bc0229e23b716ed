import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../domain/errors.js';
import { ConfigFile, valueAt } from '../../infrastructure/config/config-file.js';
import { groupsOf, type Owner, ownerOf, userName } from '../../infrastructure/files/owner.js';

/** The configuration and the data folder of a command. */
export interface CommandFolders {
  readonly config: string;
  /** Instead of the configured one. */
  readonly data?: string;
}

/**
 * The user whose files a command of root would make: that of the data folder or, if it is missing, of the folder in
 * which it would be made, else that of the configuration. Undefined if this process is not root, or if that is root.
 */
export async function foreignOwner(folders: CommandFolders): Promise<Owner | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const data = await dataFolderOf(folders);
  const owner = await ownerOf(data);
  if (owner.uid !== 0) return owner;
  if (existsSync(data)) return undefined;
  const other = await ownerOf(resolve(folders.config));
  return other.uid === 0 ? undefined : other;
}

/**
 * Gives the rights of root up for those of the owner, for good, so that every file belongs to that user and no link
 * leads root elsewhere. Rejects with `unavailable` if that cannot be, or the owner cannot read what is needed.
 */
export function becomeOwner(owner: Owner, { config }: CommandFolders): void {
  const { uid, gid } = owner;
  const name = userName(uid);
  try {
    process.setgroups?.([...groupsOf(owner)]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (cause) {
    const message = `The data belongs to ${name}, and root may not act as it here; run: sudo -u ${name} portkv …`;
    throw new AppError('unavailable', message, { cause });
  }
  const program = fileURLToPath(new URL('../../main.js', import.meta.url));
  const path = resolve(config);
  requireReadable(program, `${name}, to whom the data belongs; install PortKV elsewhere, such as in /opt`);
  if (existsSync(dirname(path)) && !existsSync(path)) return;
  requireReadable(path, `${name}, to whom the data belongs; \`portkv doctor --repair\` as root gives it to that user`);
}

/**
 * Continues as the owner if this process is root and the configuration and the data are another user's, and reports
 * that.
 */
export async function runAsOwner(folders: CommandFolders, report: (line: string) => void): Promise<void> {
  const owner = await foreignOwner(folders);
  if (owner === undefined) return;
  becomeOwner(owner, folders);
  report(`Runs as ${userName(owner.uid)}, to whom the data belongs, and not as root`);
}

/** Reads no more of the configuration than the path: its engines may be programs, which root must not run. */
export async function dataFolderOf({ config, data }: CommandFolders): Promise<string> {
  if (data !== undefined) return resolve(data);
  const path = resolve(config);
  const content = await new ConfigFile(path).read().catch(() => undefined);
  const configured = valueAt(content, ['system', 'storage', 'persistent_file_path']);
  return resolve(dirname(path), typeof configured === 'string' ? configured : 'storage_data');
}

function requireReadable(path: string, reader: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new AppError('unavailable', `${path} cannot be read by ${reader}`, { cause });
  }
}
