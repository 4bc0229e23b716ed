import { InvalidArgumentError } from 'commander';
import { keyProblem } from '../../../domain/key.js';
import { projectIdProblem } from '../../../domain/project.js';

/** Parses a value that must not be empty or blank, as an unset variable of a shell leaves it. */
export function parseText(text: string): string {
  return checked(text, text.trim() === '' ? 'it is empty; leave the option out, or give a value' : undefined);
}

/** Parses the beginning of keys, or a key where it is an option: only the empty string is wrong. */
export function parseEntryKey(text: string): string {
  return checked(text, text === '' ? 'it is empty; leave the option out, or give a value' : keyProblem(text));
}

/** Parses a key that is an argument. */
export function parseKeyArgument(text: string): string {
  return checked(text, keyProblem(text));
}

/** Parses the name of a file or an id that is an argument. */
export function parseName(text: string): string {
  return checked(text, text.trim() === '' ? 'it is empty' : undefined);
}

export function parseProject(text: string): string {
  return checked(text, projectIdProblem(text));
}

/** Parses a content type; whether it is one that a project allows is for the server to say. */
export function parseContentType(text: string): string {
  return checked(
    text,
    /^[\x21-\x7e][\x20-\x7e]*$/.test(text) ? undefined : 'it is no content type, such as text/plain',
  );
}

/** Parses how many there may be at most. */
export function parseCount(text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count > 0) return count;
  throw new InvalidArgumentError('it is not a number from 1 on');
}

/** Parses an object of JSON. */
export function parseJsonObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through: text that is no JSON is no object either.
  }
  throw new InvalidArgumentError('it is not a JSON object');
}

export function parseServerUrl(text: string): string {
  return checked(text, serverUrlProblem(text));
}

export function parseApiKey(text: string): string {
  return checked(text, apiKeyProblem(text));
}

/** Why a text is not the address of a server; undefined if it is one. A path is the prefix that a proxy has. */
export function serverUrlProblem(text: string): string | undefined {
  if (text.trim() === '') return 'it is empty; leave it out, or give an address such as http://127.0.0.1:23849';
  if (/[\s\p{Cc}]/u.test(text)) return 'it has white space or a line feed in it';
  if (!/^https?:\/\/[^/]/i.test(text)) return schemeProblem(text);
  const port = /^https?:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/i.exec(text)?.[1];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) return 'its port is not from 1 to 65535';
  if (!URL.canParse(text)) return 'it is no address such as http://127.0.0.1:23849';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'it has a user name; the key goes to --key or PORTKV_KEY';
  if (text.includes('?') || text.includes('#')) return 'it has a ? or a #; only a path may follow the port';
  return undefined;
}

/** Why a text cannot be sent as an API key; undefined if it can. */
export function apiKeyProblem(text: string): string | undefined {
  if (text.trim() === '') return 'it is empty; leave it out, or give a key';
  if (text.trim() !== text) return 'it has white space or a line feed at its beginning or end';
  if (/\p{Cc}/u.test(text)) return 'it has a line feed or another control character in it';
  if (/[^\u0020-\u00ff]/.test(text)) return 'it has a character that no HTTP header can carry';
  return undefined;
}

function schemeProblem(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) return `it begins with ${scheme}://, not http:// or https://`;
  if (/^https?:/i.test(text)) return 'it has no host; an address is such as http://127.0.0.1:23849';
  return `http:// or https:// is missing; write http://${text.replace(/^\/+/, '')}`;
}

function checked(text: string, problem: string | undefined): string {
  if (problem === undefined) return text;
  throw new InvalidArgumentError(problem);
}
