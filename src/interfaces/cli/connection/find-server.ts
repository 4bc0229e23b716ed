import { existsSync } from 'node:fs';
import { AppError } from '../../../domain/errors.js';
import { DEFAULT_CONFIG } from '../options/config-option.js';
import { serverUrlProblem } from '../options/option-values.js';
import { givenKey } from './given-key.js';
import type { GivenKey } from './key-need.js';
import { keyIn, Profiles } from './profiles.js';
import type { ApiRequest } from './target.js';

/** The address of a server or the configuration of one, and the key to send there. */
export type FoundServer =
  | { readonly url: string; readonly key: GivenKey | undefined }
  | {
      readonly url?: undefined;
      readonly config: string;
      readonly data: string | undefined;
      /** The key for the server, if it listens at this address. */
      keyAt(address: string): Promise<GivenKey | undefined>;
    };

/**
 * The server that a request is for: `--url` or `--profile`, else `PORTKV_URL`, else the configuration that is named or
 * in the current folder, else the current profile. A key that is given comes before the one of a profile, which goes
 * only to its own server, however that is named. Throws `invalid`, naming what is wrong.
 */
export async function findServer(request: ApiRequest, env: NodeJS.ProcessEnv): Promise<FoundServer> {
  const url = request.url ?? (request.profile === undefined ? urlVariable(env) : undefined);
  const profiles = Profiles.ofUser(env);
  const keyAt = async (address: string, key: GivenKey | undefined) =>
    key ?? (await profiles.keyAt(address, request.needs));
  if (url !== undefined) return { url, key: await keyAt(url, await givenKey(request, env)) };
  const { config = DEFAULT_CONFIG, data } = request;
  const isLocal = request.config !== undefined || data !== undefined || existsSync(config);
  const found = request.profile === undefined && isLocal ? undefined : await profiles.find(request.profile);
  const key = await givenKey(request, env);
  if (found === undefined) return { config, data, keyAt: (address) => keyAt(address, key) };
  return { url: found.profile.url, key: key ?? keyIn(found, request.needs) };
}

function urlVariable(env: NodeJS.ProcessEnv): string | undefined {
  const url = env.PORTKV_URL;
  const problem = url === undefined ? undefined : serverUrlProblem(url);
  if (problem === undefined) return url;
  throw new AppError('invalid', `The environment variable PORTKV_URL is wrong: ${problem}`);
}
