import { relative } from 'node:path';
import type { PathNames } from '../../application/ports/path-names.js';

/** A path ends before white space, and before what follows a name in a sentence. */
const END = '[^\\s"\'`,;:()]*';
/** The same for any absolute path, but not for one of the API. */
const ABSOLUTE = new RegExp(`(?<=^|[\\s"'(])/(?!(?:api|docs|readyz)\\b)[^/\\s]${END}`, 'g');

/** The names of files as seen from the data folder. */
export class DataFolderNames implements PathNames {
  readonly #dataFolder: string;
  readonly #within: RegExp;

  /** Both folders are absolute; the configuration is one of PortKV's files, too. */
  constructor(dataFolder: string, configFolder: string) {
    this.#dataFolder = dataFolder;
    const folders = [dataFolder, configFolder].map(escapePattern);
    this.#within = new RegExp(`(?:${folders.join('|')})(?:/${END})?(?=\\.?(?:[\\s"'\`,;:()]|$))`, 'g');
  }

  replace(text: string, everyPath: boolean, nameOf: (name: string, at: number) => string): string {
    const name = (path: string, at: number) => this.#name(path, at, nameOf);
    const within = text.replace(this.#within, name);
    return everyPath ? within.replace(ABSOLUTE, name) : within;
  }

  /** Dots at its end are those of the sentence. */
  #name(path: string, at: number, nameOf: (name: string, at: number) => string): string {
    const [, file = path, end = ''] = /^(.*?)(\.*)$/s.exec(path) ?? [];
    return `${nameOf(relative(this.#dataFolder, file) || 'the data folder', at)}${end}`;
  }
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
