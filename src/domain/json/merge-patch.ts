import { AppError } from '../errors.js';
import { MAX_PATCH_MEMBERS } from '../limits.js';
import { COMMA, nameOf, OPEN_BRACE, QUOTE, skipSpace, skipString, skipValue } from './text.js';

/** A JSON Merge Patch (RFC 7396). */
export interface Patch {
  readonly change: Change;
  /** How many members it has, in all its objects together. */
  readonly members: number;
}

/** What becomes of a value: another one, as JSON text, or changes of an object's members by name. */
type Change = string | ReadonlyMap<string, { readonly nameText: string; readonly change: Change }>;

const NULL = 'null';

/** Reads a patch from text that `isJson` accepts. Of members that share a name the last counts, as everywhere. Throws `too_large`. */
export function patchOf(text: string): Patch {
  let members = 0;
  let at = skipSpace(text, 0);
  const readChange = (): Change => {
    const start = at;
    if (text.charCodeAt(at) !== OPEN_BRACE) {
      at = skipValue(text, at);
      return text.slice(start, at);
    }
    const changes = new Map<string, { nameText: string; change: Change }>();
    at = skipSpace(text, at + 1);
    while (text.charCodeAt(at) === QUOTE) {
      requireFew(++members);
      const nameEnd = skipString(text, at);
      const nameText = text.slice(at, nameEnd);
      at = skipSpace(text, skipSpace(text, nameEnd) + 1);
      changes.set(nameOf(nameText), { nameText, change: readChange() });
      at = behindComma(text, at);
    }
    at++;
    return changes;
  };
  return { change: readChange(), members };
}

/** Applying more would hold up everyone else; the patches of one write count together. Throws `too_large`. */
export function requireFew(members: number): void {
  if (members <= MAX_PATCH_MEMBERS) return;
  const message = `Merge patches may have at most ${MAX_PATCH_MEMBERS} members; to replace more, write the whole value`;
  throw new AppError('too_large', message, { details: { limit_members: MAX_PATCH_MEMBERS } });
}

/**
 * The value that a patch makes of `target`, both JSON texts. What the patch does not touch stays as it was written, digit for digit.
 * Takes one pass, and little more where much of the text stays.
 */
export function mergePatch(target: string, { change }: Patch): string {
  let at = skipSpace(target, 0);
  /** Of the value at `at`, which it leaves behind. */
  const merged = (change: Change): string => {
    if (typeof change === 'string' || target.charCodeAt(at) !== OPEN_BRACE) {
      at = skipValue(target, at);
      return created(change);
    }
    const parts: string[] = [];
    const places = new Map<string, number>();
    let untouched = -1;
    let end = skipSpace(target, at + 1);
    at = end;
    while (target.charCodeAt(at) === QUOTE) {
      const start = at;
      const nameEnd = skipString(target, at);
      const nameText = target.slice(at, nameEnd);
      at = skipSpace(target, skipSpace(target, nameEnd) + 1);
      const name = nameOf(nameText);
      const touched = change.get(name);
      if (touched === undefined) {
        if (untouched < 0) untouched = start;
        at = skipValue(target, at);
      } else {
        if (untouched >= 0) parts.push(target.slice(untouched, end));
        untouched = -1;
        const place = places.get(name) ?? parts.push('') - 1;
        places.set(name, place);
        const value = merged(touched.change);
        parts[place] = touched.change === NULL ? '' : `${nameText}:${value}`;
      }
      end = at;
      at = behindComma(target, at);
    }
    at++;
    if (untouched >= 0) parts.push(target.slice(untouched, end));
    for (const [name, { nameText, change: added }] of change) {
      if (!places.has(name) && added !== NULL) parts.push(`${nameText}:${created(added)}`);
    }
    return objectOf(parts);
  };
  return merged(change);
}

/** What a change makes of nothing. */
function created(change: Change): string {
  if (typeof change === 'string') return change;
  const added = [...change.values()].filter((member) => member.change !== NULL);
  return objectOf(added.map(({ nameText, change }) => `${nameText}:${created(change)}`));
}

/** Put together without copying, for the parts of nested objects are long. */
function objectOf(parts: readonly string[]): string {
  let members = '';
  for (const part of parts) if (part !== '') members += members === '' ? part : `,${part}`;
  return `{${members}}`;
}

function behindComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}
