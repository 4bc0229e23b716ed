import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigFile } from '../../infrastructure/config/config-file.js';
import { Settings } from '../../infrastructure/config/settings/settings.js';
import {
  checkReadable,
  closedFolderAbove,
  findUnusable,
  type Service,
  serviceOf,
  type UnusableFile,
} from '../../infrastructure/files/file-ownership.js';
import { ownerOf, userName } from '../../infrastructure/files/owner.js';
import { lockDataFolder } from '../../infrastructure/storage/data-folder.js';
import { checkSettings, isObject } from '../../infrastructure/validation/check-settings.js';
import type { DoctorOptions } from '../../interfaces/cli/actions.js';
import { dataFolderOf } from './run-as-owner.js';

/** No more files are listed one by one. */
const MAX_LISTED = 10;

/**
 * Reports the files that the owner of the data folder, as whom the server runs, cannot use. Root gives them to that
 * user if `options.repair` is set. Returns true if nothing is left to do. Rejects with `unavailable` if a server uses
 * the folder that is to be mended.
 */
export async function checkOwnership(options: DoctorOptions, report: (line: string) => void): Promise<boolean> {
  const data = await dataFolderOf(options);
  if (!existsSync(data)) return true;
  const owner = await ownerOf(data);
  if (owner.uid === 0) {
    await noteOtherOwner(data, resolve(options.config), report);
    return true;
  }
  const [service, config] = [serviceOf(owner), resolve(options.config)];
  const mend = options.repair === true && process.geteuid?.() === 0;
  const lock = mend ? await lockDataFolder(data) : undefined;
  try {
    const found: UnusableFile[] = [];
    await findUnusable(data, service, mend, (file) => found.push(file));
    const needed = await neededFiles(config);
    for (const path of needed) {
      // What is elsewhere may be another program's, too, so only the operator can say whom it should belong to.
      const own = dirname(path) === dirname(config);
      const file = await checkReadable(path, service, mend && own);
      if (file !== undefined) found.push(file);
    }
    const closed = await closedFolders([data, ...needed], service);
    reportFound(found, closed, service, report);
    return closed.length === 0 && found.every(({ mended }) => mended);
  } finally {
    await lock?.release();
  }
}

/** If the service is not root, it cannot use a folder that root has made. */
async function noteOtherOwner(data: string, config: string, report: (line: string) => void): Promise<void> {
  const { uid } = await ownerOf(config);
  if (uid === 0) return;
  const name = userName(uid);
  const cure = `if the server runs as ${name}, chown -R -h ${name} ${data}`;
  report(`note: the data folder ${data} belongs to root, and ${config} to ${name}: ${cure}`);
}

/** The configuration and the files that it names: certificates and encryption keys. */
async function neededFiles(config: string): Promise<string[]> {
  const content = await new ConfigFile(config).read().catch(() => undefined);
  const { server_tls, transports, projects } = checkSettings(Settings, isObject(content) ? content : {}).value;
  const named: unknown[] = [
    server_tls?.cert,
    server_tls?.key,
    ...(Array.isArray(transports) ? transports.flatMap((one) => [one?.cert, one?.key]) : []),
    ...(Array.isArray(projects) ? projects.map((project) => project?.storage?.encryption?.key_file) : []),
  ];
  const paths = named.filter((path) => typeof path === 'string').map((path) => resolve(dirname(config), path));
  return [...new Set([config, ...paths])];
}

async function closedFolders(paths: readonly string[], service: Service): Promise<string[]> {
  const closed = await Promise.all(paths.map((path) => closedFolderAbove(path, service)));
  return [...new Set(closed.filter((path) => path !== undefined))];
}

function reportFound(
  found: readonly UnusableFile[],
  closed: readonly string[],
  { uid }: Service,
  report: (line: string) => void,
): void {
  const name = userName(uid);
  const mended = found.filter((file) => file.mended);
  const left = found.filter((file) => !file.mended);
  list(mended, (path) => report(`repaired: ${path} can be used by ${name}, to whom the data folder belongs, now`));
  for (const { path } of found.filter((file) => file.linked)) report(`note: ${path} has other names, look for them`);
  list(left, (path) => report(`problem: ${path} cannot be used by ${name}, to whom the data folder belongs`));
  for (const path of closed) report(`problem: ${path} cannot be entered by ${name}, to whom the data folder belongs`);
  if (left.length + closed.length === 0) return;
  report(`cure: run \`portkv doctor --repair\` as root, or give ${name} the right by chown and chmod`);
}

function list(files: readonly UnusableFile[], report: (path: string) => void): void {
  for (const { path } of files.slice(0, MAX_LISTED)) report(path);
  if (files.length > MAX_LISTED) report(`${files.length - MAX_LISTED} more`);
}
