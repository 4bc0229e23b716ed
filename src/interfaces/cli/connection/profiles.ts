import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { AppError } from '../../../domain/errors.js';
import type { GivenKey, KeyNeed } from './key-need.js';

/** A server and the keys that are kept for it. */
export interface Profile {
  readonly url: string;
  readonly system_key?: string;
  /** By project. */
  readonly project_keys?: Readonly<Record<string, string>>;
}

/** The content of the file. */
interface Kept {
  /** The profile that commands use if they name no server; the last one that was kept. */
  readonly current?: string | undefined;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** The servers that `portkv login` keeps, in a file that only its owner may read. */
export class Profiles {
  constructor(readonly path: string) {}

  /** Those of the user: in `XDG_CONFIG_HOME`, else in `~/.config`. */
  static ofUser(env: NodeJS.ProcessEnv): Profiles {
    const { XDG_CONFIG_HOME: configured = '' } = env;
    const folder = isAbsolute(configured) ? configured : join(env.HOME || homeOfUser(), '.config');
    return new Profiles(join(folder, 'portkv', 'profiles.json'));
  }

  /** The profile of that name, which is `invalid` if it is missing; without a name the current one, if there is one. */
  async find(name?: string): Promise<{ readonly name: string; readonly profile: Profile } | undefined> {
    const { current, profiles } = await this.#read();
    const wanted = name ?? current;
    const profile = wanted !== undefined && Object.hasOwn(profiles, wanted) ? profiles[wanted] : undefined;
    if (wanted !== undefined && profile !== undefined) return { name: wanted, profile };
    if (name === undefined) return undefined;
    const known = Object.keys(profiles).sort().join(', ') || 'none';
    throw new AppError('invalid', `There is no profile '${name}' in ${this.path}; there are: ${known}`);
  }

  /** The key for the server at that address, of the current profile if several are for it. */
  async keyAt(url: string, need: KeyNeed): Promise<GivenKey | undefined> {
    const { current, profiles } = await this.#read();
    return Object.entries(profiles)
      .filter(([, profile]) => withoutSlash(profile.url) === withoutSlash(url))
      .sort(([a], [b]) => Number(b === current) - Number(a === current))
      .map(([name, profile]) => keyIn({ name, profile }, need))
      .find((key) => key !== undefined);
  }

  async all(): Promise<Readonly<Record<string, Profile>>> {
    return (await this.#read()).profiles;
  }

  /** Keeps the profile, and makes it the current one. */
  async keep(name: string, profile: Profile): Promise<void> {
    const { profiles } = await this.#read();
    await this.#write({ current: name, profiles: { ...profiles, [name]: profile } });
  }

  /** Forgets the profile, which has to exist. */
  async forget(name: string): Promise<void> {
    const { current, profiles } = await this.#read();
    const { [name]: _, ...others } = profiles;
    await this.#write({ profiles: others, ...(current === undefined || current === name ? {} : { current }) });
  }

  async #read(): Promise<Kept> {
    try {
      const { mode } = await stat(this.path);
      if ((mode & 0o077) !== 0) throw new AppError('invalid', `${this.path} has keys and is open to others: chmod 600`);
      return parse(await readFile(this.path, 'utf8'), this.path);
    } catch (cause) {
      if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return { profiles: {} };
      if (cause instanceof AppError) throw cause;
      throw new AppError('invalid', `The profiles cannot be read: ${(cause as Error).message}`, { cause });
    }
  }

  async #write(kept: Kept): Promise<void> {
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      const made = await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      if (made !== undefined) await chmod(dirname(this.path), 0o700);
      await using file = await open(temporary, 'wx', 0o600);
      await file.writeFile(`${JSON.stringify(kept, null, 2)}\n`);
      await file.sync();
      await rename(temporary, this.path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new AppError('unavailable', `${this.path} cannot be written: ${(cause as Error).message}`, { cause });
    }
  }
}

/** The key of the profile for what a command needs; undefined if it has none. */
export function keyIn({ name, profile }: { name: string; profile: Profile }, need: KeyNeed): GivenKey | undefined {
  const { system_key: system, project_keys: projects = {} } = profile;
  const key =
    typeof need === 'object'
      ? ((need.admin ? system : undefined) ?? projects[need.project])
      : (system ?? (need === 'any' ? Object.values(projects)[0] : undefined));
  return key === undefined ? undefined : { key, source: `profile '${name}'` };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Some users have no home, as in a container; nothing is there then, and nothing can be kept. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '/nonexistent';
  }
}

function parse(text: string, path: string): Kept {
  try {
    const { profiles, current } = JSON.parse(text) as Kept;
    const urls = Object.values(profiles).map(({ url }) => url);
    if (urls.every((url) => typeof url === 'string' && URL.canParse(url))) return { profiles, current };
  } catch {
    // Falls through: text that is no JSON has no profiles either.
  }
  throw new AppError('invalid', `${path} is not what portkv login writes: delete it, and log in again`);
}
