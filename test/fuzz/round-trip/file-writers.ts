import { isUtf8 } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportOf } from '../../harness/export-content.js';
import {
  everything,
  isHeaderType,
  isJson,
  isText,
  type KeptEntry,
  only,
  type Writer,
  withDefaultType,
} from './kept-entry.js';
import { asciiOf, command, type ServerWorld, secondsOf, succeed } from './server-world.js';

const ROUTES = ['importStore'];

/** The ways in that are files and commands. */
export const fileWriters: readonly Writer<ServerWorld>[] = [
  ...(['json', 'text', 'base64'] as const).map((form) => ({
    name: `an import of a line with ${form}`,
    routes: ROUTES,
    keeps: only(isType, form === 'json' ? isOneLine : form === 'text' ? isText : () => true)(everything),
    write: (world: ServerWorld, entry: KeptEntry) => {
      const body = exportOf(lineOf(entry, form));
      return succeed(world, 'POST', 'import', { body, headers: { 'content-type': 'application/x-ndjson' } });
    },
  })),
  file('json', only(isType)(everything), (entry) => {
    const members = lineOf(entry, isUtf8(entry.value) ? 'text' : 'base64').replace(/^\{"key":"(?:[^"\\]|\\.)*",/, '{');
    return `{${JSON.stringify(entry.key)}: {"$portkv": ${members.trimEnd()}}}`;
  }),
  file('json', only(isOneLine, isPlainJson)(withoutMore('application/json')), ({ key, value }) => {
    return `{\n  ${JSON.stringify(key)}: ${value}\n}\n`;
  }),
  file('json', only(isText)(withoutMore('text/plain; charset=utf-8')), ({ key, value }) => {
    return `{${JSON.stringify(key)}:${JSON.stringify(value.toString())}}`;
  }),
  file(
    'csv',
    only(isType)(everything),
    (entry) => `key,value,encoding,content_type,expires_at,meta\n${row(entry).map(quoted)}\n`,
  ),
  file('tsv', only(isType, isTabFree)(everything), (entry) => {
    return `key\tvalue\tencoding\tcontent_type\texpires_at\tmeta\n${row(entry, true).join('\t')}\n`;
  }),
  file('wrangler', withDefaultType, (entry) => {
    const expires = entry.expiresAt === undefined ? '' : `,"expiration":${secondsOf(entry)}`;
    const meta = entry.meta === undefined ? '' : `,"metadata":${entry.meta}`;
    const key = JSON.stringify(entry.key);
    return `[{"key":${key},"value":"${entry.value.toString('base64')}","base64":true${expires}${meta}}]`;
  }),
  file('consul', valueAlone, ({ key, value }) => {
    return `[{"key":${JSON.stringify(key)},"flags":0,"value":"${value.toString('base64')}"}]`;
  }),
  file('redis-json', only(isText)(valueAlone), ({ key, value }) => {
    return `[{\n${JSON.stringify(key)}:${JSON.stringify(value.toString())}}]`;
  }),
  file('dotenv', only(isText, isVariable)(valueAlone), ({ key, value }) => {
    const text = value
      .toString()
      .replaceAll(/[\\"$]/g, '\\$&')
      .replaceAll('\r', '\\r')
      .replaceAll('\n', '\\n');
    return `${key}="${text}"\n`;
  }),
  {
    name: 'portkv put --file',
    routes: ['putValueByQuery'],
    keeps: only(isHeaderType)(everything),
    write: async (world, entry) => {
      const path = join(world.folder, 'value');
      await writeFile(path, entry.value);
      const expires = secondsOf(entry);
      const options = [
        ...['--file', path, '--type', entry.contentType],
        ...(expires === undefined ? [] : ['--expires-at', String(expires)]),
        ...(entry.meta === undefined ? [] : ['--meta', asciiOf(entry.meta)]),
      ];
      return command(world, 'put', options, [entry.key]);
    },
  },
];

/** A row for a file that `portkv import` reads. */
function file(
  format: string,
  keeps: Writer<ServerWorld>['keeps'],
  textOf: (entry: KeptEntry) => string,
): Writer<ServerWorld> {
  return {
    name: `portkv import of ${format}`,
    routes: ROUTES,
    keeps,
    write: async (world, entry) => {
      const path = join(world.folder, 'imported');
      await writeFile(path, textOf(entry));
      return command(world, 'import', ['--format', format], [path]);
    },
  };
}

/** A line of an export, made by hand. */
function lineOf(entry: KeptEntry, form: 'json' | 'text' | 'base64'): string {
  const { key, contentType, meta, value } = entry;
  const head = JSON.stringify({ key, content_type: contentType, expires_at: secondsOf(entry) }).slice(0, -1);
  const content = { json: `${value}`, text: JSON.stringify(`${value}`), base64: `"${value.toString('base64')}"` };
  return `${head}${meta === undefined ? '' : `,"meta":${meta}`},"${form}":${content[form]}}\n`;
}

/** The cells of a row. */
function row(entry: KeptEntry, alwaysBase64 = false): string[] {
  const { key, value, contentType, meta = '' } = entry;
  const isPlain = isUtf8(value) && !alwaysBase64;
  const cell = value.toString(isPlain ? 'utf8' : 'base64');
  return [key, cell, isPlain ? '' : 'base64', contentType, String(secondsOf(entry) ?? ''), meta];
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

function withoutMore(contentType: string): (entry: KeptEntry) => KeptEntry {
  return ({ key, value }) => ({ key, value, contentType });
}

/** What a format keeps that has keys and values only. */
function valueAlone({ key, value }: KeptEntry): KeptEntry {
  return withDefaultType({ key, value, contentType: '' });
}

/** A type that a line of an export may have. */
function isType({ contentType }: KeptEntry): boolean {
  return Buffer.byteLength(contentType) <= 1024;
}

function isOneLine(entry: KeptEntry): boolean {
  return isJson(entry) && !/[\r\n]/.test(entry.value.toString());
}

/** In a file of JSON a string is a text, and an object with the member `$portkv` is an entry. */
function isPlainJson({ value }: KeptEntry): boolean {
  return value[0] !== 0x22 && !value.includes('$portkv');
}

/** Tables with tabs have no quotes. */
function isTabFree({ key, contentType, meta = '' }: KeptEntry): boolean {
  return !/[\t\r\n]/.test(key + contentType + meta);
}

function isVariable({ key }: KeptEntry): boolean {
  return /^[\w.-]+$/.test(key);
}
