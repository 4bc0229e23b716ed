import type { IncomingHttpHeaders } from 'node:http';
import { type Conditions, UNCONDITIONAL, type VersionSet } from '../../domain/condition.js';
import { AppError } from '../../domain/errors.js';
import { formatVersion, parseVersion } from '../../domain/version.js';

/** The strong entity tag of a version. */
export function etagOf(version: number): string {
  return `"${formatVersion(version)}"`;
}

/** The conditions that If-Match and If-None-Match ask for; `invalid` where one is malformed. */
export function conditionsOf(headers: IncomingHttpHeaders): Conditions {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifMatch === undefined && ifNoneMatch === undefined) return UNCONDITIONAL;
  return {
    ...(ifMatch === undefined ? {} : { ifMatch: tagsOf('If-Match', ifMatch, false) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: tagsOf('If-None-Match', ifNoneMatch, true) }),
  };
}

/** A list of tags as versions; a tag that can be no version of ours is undefined. Weak ones match only where `weak` says so. */
function tagsOf(header: string, field: string, weak: boolean): VersionSet {
  const list = field.trim();
  if (list === '*') return '*';
  const versions: (number | undefined)[] = [];
  const tag = /[ \t]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(,|$)/y;
  while (tag.lastIndex < list.length) {
    const match = tag.exec(list);
    if (match === null) {
      throw new AppError(
        'invalid',
        `${header} must be * or a list of quoted ETags such as "abc", not ${list.slice(0, 100)}`,
        {
          details: { header },
        },
      );
    }
    versions.push(match[1] === undefined || weak ? parseVersion(match[2] ?? '') : undefined);
  }
  if (versions.length === 0) throw new AppError('invalid', `${header} must not be empty`, { details: { header } });
  return versions;
}
