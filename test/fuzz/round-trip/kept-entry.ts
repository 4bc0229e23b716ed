import { isUtf8 } from 'node:buffer';
import { DEFAULT_TYPES, formOf, isJsonType } from '../../../src/domain/value.js';

/** What is kept of an entry, whatever way it is written and read. */
export interface KeptEntry {
  readonly key: string;
  readonly value: Buffer;
  readonly contentType: string;
  /** In ms since 1970; `some` if the way that wrote it counts from now. */
  readonly expiresAt?: number | 'some' | undefined;
  /** The text of a JSON object, without space. */
  readonly meta?: string | undefined;
}

/** The members of an entry that a way of reading shows. */
export interface ShownEntry {
  /** Each of the values that this may be: a text and JSON look alike in some answers. */
  readonly value?: readonly Buffer[];
  readonly contentType?: string;
  readonly expiresAt?: number | undefined;
  readonly meta?: string | undefined;
}

/** By key what was shown. */
export type ShownEntries = ReadonlyMap<string, ShownEntry>;

/** A way in: one row of the table of writers. `W` is what it writes to. */
export interface Writer<W> {
  readonly name: string;
  /** The routes that it uses, by their ids. */
  readonly routes: readonly string[];
  /** The entry as this way promises to keep it; undefined if it takes no such entry. */
  readonly keeps: (entry: KeptEntry) => KeptEntry | undefined;
  readonly write: (world: W, entry: KeptEntry) => Promise<unknown>;
}

/** A way out: one row of the table of readers. */
export interface Reader<W> {
  readonly name: string;
  readonly routes: readonly string[];
  /** What it shows of every entry. */
  readonly shows: readonly Exclude<keyof KeptEntry, 'key'>[];
  /** Whether it promises to show this entry; every entry if it is not given. */
  readonly takes?: (entry: KeptEntry) => boolean;
  readonly read: (world: W, keys: readonly string[]) => Promise<ShownEntries>;
  /** It reads at most so many entries, because each takes long. */
  readonly most?: number;
  /** Whether it reads what was written last, and nothing that came into the store in another way. */
  readonly onlyWrites?: true;
  /** Whether the entries are gone or others afterwards. */
  readonly destroys?: true;
}

export const ALL = ['value', 'contentType', 'expiresAt', 'meta'] as const;

/** Promises: what is kept of which entries. */
export const everything = (entry: KeptEntry): KeptEntry => entry;

export function valueAndType({ key, value, contentType }: KeptEntry): KeptEntry {
  return { key, value, contentType };
}

/** The type that the API gives to a value without one. */
export function withDefaultType(entry: KeptEntry): KeptEntry {
  return { ...entry, contentType: DEFAULT_TYPES[formOf(entry.value)] };
}

/** Whether an HTTP header brings the type as it is; that of forms counts as a missing one. */
export function isHeaderType({ contentType }: KeptEntry): boolean {
  return /^[!-~]([ -~]*[!-~])?$/.test(contentType) && !contentType.startsWith('application/x-www-form');
}

export function isText({ value }: KeptEntry): boolean {
  return isUtf8(value);
}

/** Whether the value is JSON without space around it. */
export function isJson({ value }: KeptEntry): boolean {
  return formOf(value) === 'json' && !/^\s|\s$/.test(value.toString());
}

/** Whether JavaScript makes the same bytes of its JSON again. */
export function isJavaScript(entry: KeptEntry): boolean {
  return isJson(entry) && JSON.stringify(JSON.parse(entry.value.toString())) === entry.value.toString();
}

/** Whether a merge patch leaves all as it is: it keeps members, not the space around all of them. */
export function isMergeable(entry: KeptEntry): boolean {
  const text = entry.value.toString();
  return isJson(entry) && isJsonType(entry.contentType) && /^\{(?!\s)/.test(text) && !/\s\}$/.test(text);
}

/** The promise for the entries that pass all tests; others are not taken. */
export function only(
  ...tests: readonly ((entry: KeptEntry) => boolean)[]
): (keeps: (entry: KeptEntry) => KeptEntry) => Writer<unknown>['keeps'] {
  return (keeps) => (entry) => (tests.every((test) => test(entry)) ? keeps(entry) : undefined);
}

/** What is done with all entries between writing and reading them. */
export interface Passage<W> {
  readonly name: string;
  readonly routes: readonly string[];
  readonly pass: (world: W) => Promise<unknown>;
}
