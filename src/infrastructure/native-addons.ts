import { createRequire } from 'node:module';
import { AppError } from '../domain/errors.js';

/** How each package of an addon reports that it has none for this platform, or one that does not load. */
const MISSING: readonly (readonly [name: string, message: RegExp])[] = [
  ['fs-native-extensions', /Cannot find addon '\.'|fs-native-extensions[^\n]*\.node/],
  ['lmdb', /No native build was found|lmdb[^\n]*\.node/],
  ['@node-rs/argon2', /Cannot find native binding|Failed to load native binding|argon2[^\n]*\.node/],
];

/** One line for an addon that is missing or cannot be loaded; undefined for any other error. */
export function missingAddon(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined;
  const text = `${error.message}\n${error.stack ?? ''}`;
  const [name] = MISSING.find(([, message]) => message.test(text)) ?? [];
  return name === undefined ? undefined : addonError(name, error);
}

/** Throws `unavailable` if the addon for hashes is missing, which its own thread loads only when it is needed. */
export function requireHashAddon(): void {
  const require = createRequire(import.meta.url);
  const { optionalDependencies } = require('@node-rs/argon2/package.json') as {
    optionalDependencies: Readonly<Record<string, string>>;
  };
  const prefix = `@node-rs/argon2-${process.platform}-${process.arch}`;
  const own = createRequire(require.resolve('@node-rs/argon2/package.json'));
  const names = Object.keys(optionalDependencies).filter((name) => name.startsWith(prefix));
  if (!names.some((name) => canResolve(own, name))) throw addonError('@node-rs/argon2', undefined);
}

function canResolve(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function addonError(name: string, cause: unknown): AppError {
  const platform = `${process.platform}-${process.arch}`;
  const message =
    `The native addon of ${name} is missing for ${platform}, or does not load: run npm ci on this machine, without ` +
    '--omit=optional. PortKV runs on Linux and macOS, on x64 and arm64';
  return new AppError('unavailable', message, { cause });
}
