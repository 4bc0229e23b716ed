import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationOf } from '../../../domain/duration.js';
import { parseJsonObject } from './option-values.js';

/** When a write happens: only under a condition on the entry that is there. */
export interface ConditionOptions {
  readonly ifAbsent?: true;
  readonly ifExists?: true;
  readonly ifVersion?: string;
}

/** Adds `--if-version` and, for commands that can create an entry, `--if-absent` and `--if-exists`. */
export function withConditions(command: Command, { creates }: { creates: boolean }): Command {
  const version = new Option('--if-version <version>', 'only if the entry has this version').argParser(parseVersion);
  if (!creates) return command.addOption(version);
  return command
    .addOption(version)
    .addOption(new Option('--if-absent', 'only if the entry does not exist').conflicts(['ifVersion', 'ifExists']))
    .addOption(new Option('--if-exists', 'only if the entry exists').conflicts('ifVersion'));
}

/** The conditions as HTTP has them. */
export function conditionHeaders({ ifAbsent, ifExists, ifVersion }: ConditionOptions): Record<string, string> {
  if (ifAbsent) return { 'If-None-Match': '*' };
  if (ifVersion !== undefined) return { 'If-Match': `"${ifVersion}"` };
  return ifExists ? { 'If-Match': '*' } : {};
}

/** When an entry expires. */
export interface ExpiryOptions {
  /** In seconds. */
  readonly ttl?: number;
  /** In seconds since 1970. */
  readonly expiresAt?: number;
  readonly keepTtl?: true;
}

/** Adds the options for an entry that is created; one that exists keeps its expiry. */
export function withExpiryOfNew(command: Command): Command {
  return command
    .addOption(new Option('--ttl <duration>', 'how long it lives if this creates it, such as 1h').argParser(parseTtl))
    .addOption(
      new Option('--expires-at <time>', 'when it expires if this creates it, as ISO 8601 or in seconds since 1970')
        .argParser(parseTime)
        .conflicts('ttl'),
    );
}

export function withExpiry(command: Command): Command {
  return command
    .addOption(
      new Option('--ttl <duration>', 'how long it lives, such as 90s, 2h or 7d')
        .argParser(parseTtl)
        .conflicts('keepTtl'),
    )
    .addOption(
      new Option('--expires-at <time>', 'when it expires, as ISO 8601 or in seconds since 1970')
        .argParser(parseTime)
        .conflicts(['ttl', 'keepTtl']),
    )
    .option('--keep-ttl', 'leave the expiry as it is; else a write without one removes it');
}

/** The expiry as the query of a path has it. */
export function expiryQuery({ ttl, expiresAt, keepTtl }: ExpiryOptions): Record<string, string> {
  if (ttl !== undefined) return { ttl: String(ttl) };
  if (expiresAt !== undefined) return { expires_at: String(expiresAt) };
  return keepTtl ? { keep_ttl: 'true' } : {};
}

/** What is kept with a value. */
export interface MetaOptions {
  /** The text of a JSON object. */
  readonly meta?: string;
  readonly keepMeta?: true;
}

export function withMeta(command: Command): Command {
  return command
    .addOption(
      new Option('--meta <json>', 'metadata that is kept with the value: a JSON object of up to 1 KiB')
        .argParser(parseMeta)
        .conflicts('keepMeta'),
    )
    .option('--keep-meta', 'leave the metadata as it is; else a write without --meta removes it');
}

/** Seconds of a duration such as 2h, or of a number of seconds. */
export function parseTtl(text: string): number {
  const seconds = /^\d{1,12}(\.\d{1,3})?$/.test(text) ? Number(text) : (durationOf(text) ?? 0) / 1000;
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('a duration is a number with s, m, h, d or w, such as 2h');
}

/** Seconds since 1970 of a time in ISO 8601, or of such a number. */
export function parseTime(text: string): number {
  const seconds = /^\d{1,12}(\.\d{1,3})?$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  if (Number.isFinite(seconds)) return seconds;
  throw new InvalidArgumentError('a time is such as 2030-01-31T12:00:00Z, or a number of seconds since 1970');
}

/** The text as a header can carry it: a line feed in JSON is between its parts, and other characters have an escape. */
function parseMeta(text: string): string {
  parseJsonObject(text);
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/[\r\n\t]+/g, ' ').replace(/[^\x20-\x7e]/g, escaped);
}

function parseVersion(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  throw new InvalidArgumentError('a version is such as hoct64bexk, as put and get --json print it');
}
