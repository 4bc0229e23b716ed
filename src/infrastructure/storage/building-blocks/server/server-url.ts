import { readFile } from 'node:fs/promises';
import { ValidateBy } from 'class-validator';
import { AppError } from '../../../../domain/errors.js';
import { Optional, Rule } from '../../../validation/setting-rules.js';

/** Where the URL of a server comes from: one of the three. */
export interface ServerUrl {
  readonly url?: string;
  readonly url_env?: string;
  readonly url_file?: string;
}

/** What an option may have: one URL of these schemes, or what an engine has instead. */
export interface UrlForm {
  readonly isUrl: (text: string) => boolean;
  /** Whether nothing in it is secret. */
  readonly isPlain: (text: string) => boolean;
  /** How it looks without a password, and with one. */
  readonly plain: string;
  readonly full: string;
}

/** One URL; `schemes` matches how it begins. */
export function urlForm(schemes: RegExp, plain: string, full: string): UrlForm {
  const isUrl = (text: string) => schemes.test(text) && URL.canParse(text);
  const isPlain = (text: string) => {
    if (!isUrl(text)) return false;
    const { password, searchParams } = new URL(text);
    return password === '' && !searchParams.has('password');
  };
  return { isUrl, isPlain, plain, full };
}

/**
 * The rule of the option `url`: exactly one of `url`, `url_env` and `url_file` is given, and a URL in the settings has
 * no password, because settings are shown.
 */
export function PlainUrl({ isPlain, plain }: UrlForm) {
  return ValidateBy({
    name: 'url',
    validator: {
      validate(url, parameters) {
        const { url_env, url_file } = (parameters?.object ?? {}) as ServerUrl;
        const others = [url_env, url_file].filter((it) => it !== undefined).length;
        return url === undefined ? others === 1 : others === 0 && typeof url === 'string' && isPlain(url);
      },
      defaultMessage: () =>
        `must be ${plain} without a password, or left out: one with a password goes to url_env or url_file`,
    },
  });
}

/** The rule of the option `url_env`. */
export function VariableName() {
  return both(Optional(), Rule('variable', 'must be the name of an environment variable', isText));
}

/** The rule of an option that names a file. */
export function FilePath() {
  return both(Optional(), Rule('path', 'must be the path of a file', isText));
}

/** The URL, which may have a password. Rejects with `unavailable`, never showing it, if it cannot be read. */
export async function readServerUrl(options: ServerUrl, { isUrl, full }: UrlForm): Promise<string> {
  const { url, url_env, url_file } = options;
  const given = [url, url_env, url_file].filter((it) => it !== undefined);
  if (given.length !== 1) throw unusable('storage.options must have one of url, url_env and url_file');
  if (url !== undefined) return url;
  const [text, from] =
    url_env !== undefined
      ? [process.env[url_env], `the environment variable ${url_env}`]
      : [await readText(url_file as string), url_file];
  const found = text?.trim();
  if (!found) throw unusable(`${from} has no URL of a server`);
  if (!isUrl(found)) throw unusable(`${from} must have a URL such as ${full}`);
  return found;
}

function both(first: (target: object, name: string) => void, second: (target: object, name: string) => void) {
  return (target: object, name: string) => {
    first(target, name);
    second(target, name);
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unusable(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}): it should have a URL`);
  }
}

function unusable(message: string): AppError {
  return new AppError('unavailable', message, { isPermanent: true });
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && /^[^\0]+$/.test(value);
}
