import { type Command, Option } from 'commander';
import { optionalConfigOption } from '../options/config-option.js';
import { parseApiKey, parseName, parseServerUrl, parseText } from '../options/option-values.js';
import type { KeyNeed } from './key-need.js';

/** Which server a command is for, as its options say it, or the configuration of a stopped one. */
export interface Target {
  /** Undefined if neither an option nor a variable names it. */
  readonly config?: string;
  readonly data?: string;
  readonly url?: string;
  readonly profile?: string;
  readonly key?: string;
  /** `-` is standard input. */
  readonly keyFile?: string;
}

/** A target, and the key that a command needs there. */
export interface ApiRequest extends Target {
  readonly needs: KeyNeed;
}

/** Adds the options that make up a `Target`. */
export function withTargetOptions(command: Command): Command {
  return command
    .addOption(optionalConfigOption())
    .option('--data <folder>', 'data folder, instead of the configured one', parseText)
    .option(
      '--url <address>',
      'address of a running server, with the path of a proxy, else PORTKV_URL, else the one that the server of ' +
        'the data folder listens on',
      parseServerUrl,
    )
    .addOption(
      new Option('--profile <name>', 'a server that portkv login has kept').argParser(parseText).conflicts('url'),
    )
    .option('--key <key>', 'API key for a running server, else PORTKV_KEY', parseApiKey)
    .addOption(keyFileOption().conflicts('key'));
}

export function keyFileOption(): Option {
  const description = 'file with the API key, - is standard input, else PORTKV_KEY_FILE';
  return new Option('--key-file <file>', description).argParser(parseName);
}
