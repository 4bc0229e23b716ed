import { Command } from 'commander';
import { AppError } from '../../../../domain/errors.js';
import { ApiClient } from '../../connection/api-client.js';
import { givenKey, type KeyOptions } from '../../connection/given-key.js';
import { explainRefusal, type GivenKey } from '../../connection/key-need.js';
import { type Profile, Profiles } from '../../connection/profiles.js';
import { keyFileOption } from '../../connection/target.js';
import { parseApiKey, parseServerUrl, parseText } from '../../options/option-values.js';
import { promptHidden } from '../../options/prompt-hidden.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { jsonOption } from '../api-command.js';

/** `portkv login`. */
export function loginCommand(): Command {
  return new Command('login')
    .argument('<url>', 'address of the server', parseServerUrl)
    .description('Keep a server and a key for it, which is asked for: the system key, or the key of a project')
    .option('--profile <name>', 'under which name; a profile keeps one server with its keys', parseText, 'default')
    .option('--key <key>', 'API key, else PORTKV_KEY', parseApiKey)
    .addOption(keyFileOption().conflicts('key'))
    .addOption(jsonOption())
    .action(async (address: string, { profile: name, json, ...options }) => {
      const url = address.replace(/\/+$/, '');
      const given = await keyFor(url, options);
      const caller = await callerOf(url, given);
      const profiles = Profiles.ofUser(process.env);
      const before = (await profiles.all())[name];
      await profiles.keep(name, withKey(before?.url === url ? before : { url }, caller, given.key));
      printResult(json, { profile: name, url, kind: caller.kind, project: caller.project }, []);
      const what =
        caller.kind === 'system' ? 'the system key' : `the key '${caller.name}' of project '${caller.project}'`;
      printMessage(`Profile '${name}' has ${what} of ${url}, and is used if no server is named`);
    });
}

/** Who a key is for, as the server says. */
interface Caller {
  readonly kind: 'system' | 'project' | 'anonymous';
  readonly name: string;
  readonly project: string | null;
}

async function keyFor(url: string, options: KeyOptions): Promise<GivenKey> {
  const given = await givenKey(options, process.env);
  if (given !== undefined) return given;
  if (!process.stdin.isTTY) {
    throw new AppError(
      'invalid',
      'There is no terminal to ask for the key: give it with --key-file FILE, or - for stdin',
    );
  }
  return { key: await promptHidden(`API key for ${url}: `), source: 'the prompt' };
}

async function callerOf(url: string, given: GivenKey): Promise<Caller> {
  try {
    const client = new ApiClient({ url }, given.key);
    const { data } = await client.call('GET', '/api/v1/whoami', undefined, { expects: ['kind', 'name', 'project'] });
    return data;
  } catch (error) {
    throw explainRefusal(error, 'any', given);
  }
}

function withKey(profile: Profile, { kind, project }: Caller, key: string): Profile {
  if (kind !== 'project' || project === null) return { ...profile, system_key: key };
  return { ...profile, project_keys: { ...profile.project_keys, [project]: key } };
}
