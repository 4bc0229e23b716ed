import { membersOf } from './json-members.js';

/**
 * Applies a JSON Merge Patch (RFC 7396). Both are JSON texts; members that the patch does not touch stay as they were written,
 * digit for digit. Of members that share a name the last counts, as everywhere.
 */
export function mergePatch(target: string | undefined, patch: string): string {
  const changes = membersOf(patch);
  if (changes === undefined) return patch.trim();
  const members = new Map<string, { nameText: string; text: string }>();
  for (const { name, nameText, text } of target === undefined ? [] : (membersOf(target) ?? [])) {
    members.set(name, { nameText, text });
  }
  for (const { name, nameText, text } of new Map(changes.map((change) => [change.name, change])).values()) {
    const before = members.get(name);
    if (text === 'null') members.delete(name);
    else members.set(name, { nameText: before?.nameText ?? nameText, text: mergePatch(before?.text, text) });
  }
  return `{${[...members.values()].map(({ nameText, text }) => `${nameText}:${text}`).join(',')}}`;
}
