import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { components } from '#openapi';

/** An entry as the API lists it, with its value in base64. */
export type StoredItem = components['schemas']['Item'] & { readonly key: string };

/** Entries in the format of an export, which an import takes back with their times, types and metadata. */
export function exportOf(project: string, items: readonly StoredItem[]): string {
  const header = { format: 'portkv-export', version: 1, project, created_at: Date.now() / 1000 };
  const lines = items.map(({ key, content_type, version, created_at, updated_at, expires_at, meta, value }) => ({
    key,
    content_type,
    version,
    created_at,
    updated_at,
    ...(expires_at === undefined ? {} : { expires_at }),
    ...(meta === undefined ? {} : { meta }),
    base64: value,
  }));
  const body = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
  const digest = bytesToHex(sha256(new TextEncoder().encode(body)));
  return `${body}${JSON.stringify({ count: items.length, sha256: digest })}\n`;
}
