import { entryOfMembers } from './entry-members.js';
import { type ExportHeader, type ExportLine, type ExportTrailer, FORMAT, FORMAT_VERSION } from './export-line.js';
import { invalidLine, type LineMembers, lineMembers, textMember, timeMember } from './line-members.js';

/** Throws `invalid` if the line cannot be one of an export. */
export function readExportLine(line: Buffer): ExportLine {
  return exportLineOf(lineMembers(line));
}

/** Throws `invalid` if these cannot be the members of a line of an export. */
export function exportLineOf(members: LineMembers): ExportLine {
  if (Object.hasOwn(members, 'key')) return { kind: 'entry', entry: entryOfMembers(members) };
  if (Object.hasOwn(members, 'format')) return { kind: 'header', header: headerFromLine(members) };
  return { kind: 'trailer', trailer: trailerFromLine(members) };
}

function headerFromLine({ format, version, project, created_at, after, prefix }: LineMembers): ExportHeader {
  if (format !== FORMAT) throw invalidLine(`has the format ${JSON.stringify(format)}, not "${FORMAT}"`);
  if (version !== FORMAT_VERSION) {
    throw invalidLine(`has version ${JSON.stringify(version)} of the format, not ${FORMAT_VERSION}`);
  }
  return {
    project: typeof project === 'string' ? project : '',
    at: timeMember(created_at, 'created_at') ?? 0,
    after: textMember(after, 'after'),
    prefix: textMember(prefix, 'prefix'),
  };
}

function trailerFromLine({ count, sha256, ...unknown }: LineMembers): ExportTrailer {
  if (!Number.isSafeInteger(count) || typeof sha256 !== 'string' || Object.keys(unknown).length > 0) {
    throw invalidLine('is neither an entry (it has no key) nor the trailer (with count and sha256)');
  }
  return { count: count as number, sha256 };
}
