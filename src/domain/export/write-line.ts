import type { Entry } from '../entry.js';
import { formOf } from '../value.js';
import { formatVersion } from '../version.js';
import { type ExportedEntry, type ExportHeader, type ExportTrailer, FORMAT, FORMAT_VERSION } from './export-line.js';

export function headerLine({ project, at, after, prefix }: ExportHeader): string {
  const header = { format: FORMAT, version: FORMAT_VERSION, project, created_at: at / 1000, prefix, after };
  return `${JSON.stringify(header)}\n`;
}

export function trailerLine({ count, sha256 }: ExportTrailer): string {
  return `${JSON.stringify({ count, sha256 })}\n`;
}

/** Without a version and times that the entry lacks: an import issues a new version anyway. */
export function entryLine(entry: ExportedEntry & Partial<Pick<Entry, 'version'>>): string {
  const { key, contentType, version, createdAt, updatedAt, expiresAt, meta } = entry;
  const head = JSON.stringify({
    key,
    content_type: contentType,
    version: version === undefined ? undefined : formatVersion(version),
    created_at: secondsOf(createdAt),
    updated_at: secondsOf(updatedAt),
    expires_at: secondsOf(expiresAt),
  });
  const described = meta === undefined ? '' : `,"meta":${meta}`;
  return `${head.slice(0, -1)}${described},${valueMember(entry.value)}}\n`;
}

function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

function valueMember(value: Uint8Array): string {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.length);
  const form = formOf(buffer);
  if (form === 'base64') return `"base64":"${buffer.toString('base64')}"`;
  const text = buffer.toString();
  if (form === 'json' && !/^\s|[\r\n]|\s$/.test(text)) return `"json":${text}`;
  const quoted = JSON.stringify(text);
  return quoted.length > buffer.length * 2 + 16 ? `"base64":"${buffer.toString('base64')}"` : `"text":${quoted}`;
}
