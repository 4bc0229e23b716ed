import type { Command } from 'commander';
import { AppError } from '../../../domain/errors.js';
import { configOption } from '../options/config-option.js';
import { apiKeyProblem, parseApiKey, parseServerUrl, parseText, serverUrlProblem } from '../options/option-values.js';

/** The server that a command is for, or the configuration of a stopped one. */
export interface Target {
  readonly config: string;
  readonly data?: string;
  readonly url?: string;
  readonly key?: string;
}

/** Adds the options that make up a `Target`. */
export function withTargetOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .option('--data <folder>', 'data folder, instead of the configured one', parseText)
    .option(
      '--url <address>',
      'address of a running server, with the path of a proxy, else PORTKV_URL, else the one that the server of ' +
        'the data folder listens on',
      parseServerUrl,
    )
    .option('--key <key>', 'API key for a running server, else PORTKV_KEY', parseApiKey);
}

/** The address and the key of the target, else those of the environment. Throws `invalid`, naming a wrong variable. */
export function withEnvironment(target: Target, env: NodeJS.ProcessEnv = process.env): Pick<Target, 'url' | 'key'> {
  const url = target.url ?? variable(env, 'PORTKV_URL', serverUrlProblem);
  const key = target.key ?? variable(env, 'PORTKV_KEY', apiKeyProblem);
  return { ...(url === undefined ? {} : { url }), ...(key === undefined ? {} : { key }) };
}

function variable(
  env: NodeJS.ProcessEnv,
  name: string,
  problemOf: (value: string) => string | undefined,
): string | undefined {
  const value = env[name];
  const problem = value === undefined ? undefined : problemOf(value);
  if (problem === undefined) return value;
  throw new AppError('invalid', `The environment variable ${name} is wrong: ${problem}`);
}
