import type { IncomingHttpHeaders } from 'node:http';
import { type Conditions, UNCONDITIONAL, type VersionSet } from '../../../domain/condition.js';
import { AppError } from '../../../domain/errors.js';
import { formatVersion, parseVersion } from '../../../domain/version.js';
import { parseHttpDate } from '../response/http-date.js';

/** The strong entity tag of a version. */
export function etagOf(version: number): string {
  return `"${formatVersion(version)}"`;
}

/**
 * The conditions of a request. Throws `invalid` if a list of tags is malformed. A date counts only without the
 * corresponding tags, and is ignored if it is malformed; If-Modified-Since counts only for a read (RFC 9110, 13.1 and
 * 13.2.2).
 */
export function conditionsOf(headers: IncomingHttpHeaders, reads = false): Conditions {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  const ifUnmodifiedSince = headers['if-unmodified-since'];
  const ifModifiedSince = reads ? headers['if-modified-since'] : undefined;
  if ((ifMatch ?? ifNoneMatch ?? ifUnmodifiedSince ?? ifModifiedSince) === undefined) return UNCONDITIONAL;
  return {
    ...(ifMatch === undefined
      ? since('ifUnmodifiedSince', ifUnmodifiedSince)
      : { ifMatch: tagsOf('If-Match', ifMatch) }),
    ...(ifNoneMatch === undefined
      ? since('ifModifiedSince', ifModifiedSince)
      : { ifNoneMatch: tagsOf('If-None-Match', ifNoneMatch) }),
  };
}

/** Throws `invalid` if a request has tags that its route would ignore. */
export function refuseConditions(headers: IncomingHttpHeaders): void {
  if ((headers['if-match'] ?? headers['if-none-match']) === undefined) return;
  const header = headers['if-match'] === undefined ? 'If-None-Match' : 'If-Match';
  throw new AppError(
    'invalid',
    `This route takes no ${header}: the routes of one entry do, and a transaction takes \`checks\` in its body`,
    { details: { header } },
  );
}

function since(name: 'ifUnmodifiedSince' | 'ifModifiedSince', field: string | undefined): Conditions {
  const time = field === undefined ? undefined : parseHttpDate(field);
  return time === undefined ? {} : { [name]: time };
}

/** What proxies append to the tag of a response that they compress: `"V-gzip"`, `"V--gzip"`, `"V;br"`. */
const COMPRESSED = /(?:(?:--?|[;:./_+])(?:x-)?(?:gzip|br|brotli|deflate|zstd|compress|dcb|dcz))+$/i;

/**
 * A list of tags as versions; a tag that is no version of ours is undefined, and empty elements are skipped. A tag that
 * was made weak or got a suffix on the way names its version still: that is about the stored bytes.
 */
function tagsOf(header: string, field: string): VersionSet {
  const list = field.trim();
  if (list === '*') return '*';
  const versions: (number | undefined)[] = [];
  const element = /(?:(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(?:,[ \t]*|$)/y;
  while (element.lastIndex < list.length) {
    const match = element.exec(list);
    if (match === null) {
      throw new AppError(
        'invalid',
        `${header} must be * or a list of quoted ETags such as "abc", not ${list.slice(0, 100)}`,
        {
          details: { header },
        },
      );
    }
    const [, tag] = match;
    if (tag !== undefined) versions.push(parseVersion(tag.replace(COMPRESSED, '')));
  }
  if (versions.length === 0) throw new AppError('invalid', `${header} must not be empty`, { details: { header } });
  return versions;
}
