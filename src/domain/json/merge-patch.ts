import { AppError } from '../errors.js';
import { MAX_PATCH_MEMBERS } from '../limits.js';
import { CHARACTERS } from './characters.js';
import { decodeName, skipSpace, skipString, skipValue } from './text.js';

const { COMMA, OPEN_BRACE, QUOTE } = CHARACTERS;

/** A JSON Merge Patch (RFC 7396). */
export interface Patch {
  readonly root: PatchNode;
  /** Number of members in all objects of the patch together. */
  readonly members: number;
}

/** What replaces a value: another one, as JSON text, or patches of an object's members by name. */
type PatchNode = string | ReadonlyMap<string, PatchMember>;

interface PatchMember {
  /** The name as JSON text. */
  readonly nameText: string;
  readonly node: PatchNode;
}

/** As a patch, removes the member. */
const NULL = 'null';

/**
 * Reads a patch from text that `isJson` accepts. If members share a name, the last one counts, as in `JSON.parse`.
 * Throws `too_large`.
 */
export function patchOf(text: string): Patch {
  let members = 0;
  let at = skipSpace(text, 0);
  const readNode = (): PatchNode => {
    const start = at;
    if (text.charCodeAt(at) !== OPEN_BRACE) {
      at = skipValue(text, at);
      return text.slice(start, at);
    }
    const nodes = new Map<string, PatchMember>();
    at = skipSpace(text, at + 1);
    while (text.charCodeAt(at) === QUOTE) {
      requirePatchMembers(++members);
      const nameEnd = skipString(text, at);
      const nameText = text.slice(at, nameEnd);
      at = skipSpace(text, skipSpace(text, nameEnd) + 1);
      nodes.set(decodeName(nameText), { nameText, node: readNode() });
      at = skipComma(text, at);
    }
    at++;
    return nodes;
  };
  return { root: readNode(), members };
}

/**
 * Throws `too_large` if the patches of one write have more members together than one write may apply: more would delay
 * all other requests.
 */
export function requirePatchMembers(members: number): void {
  if (members <= MAX_PATCH_MEMBERS) return;
  const message = `Merge patches may have at most ${MAX_PATCH_MEMBERS} members; to replace more, write the whole value`;
  throw new AppError('too_large', message, { details: { limit_members: MAX_PATCH_MEMBERS } });
}

/**
 * The result of applying a patch to `target`, both JSON texts. What the patch does not touch stays as it was written,
 * digit for digit. Takes one pass over the text; what stays is copied in as few slices as possible.
 */
export function mergePatch(target: string, { root }: Patch): string {
  let at = skipSpace(target, 0);
  /** Patches the value at `at` and moves `at` after it. */
  const merged = (node: PatchNode): string => {
    if (typeof node === 'string' || target.charCodeAt(at) !== OPEN_BRACE) {
      at = skipValue(target, at);
      return applyToNothing(node);
    }
    const parts: string[] = [];
    const positions = new Map<string, number>();
    let untouchedFrom = -1;
    let end = skipSpace(target, at + 1);
    at = end;
    while (target.charCodeAt(at) === QUOTE) {
      const start = at;
      const nameEnd = skipString(target, at);
      const nameText = target.slice(at, nameEnd);
      at = skipSpace(target, skipSpace(target, nameEnd) + 1);
      const name = decodeName(nameText);
      const member = node.get(name);
      if (member === undefined) {
        if (untouchedFrom < 0) untouchedFrom = start;
        at = skipValue(target, at);
      } else {
        if (untouchedFrom >= 0) parts.push(target.slice(untouchedFrom, end));
        untouchedFrom = -1;
        const position = positions.get(name) ?? parts.push('') - 1;
        positions.set(name, position);
        const value = merged(member.node);
        parts[position] = member.node === NULL ? '' : `${nameText}:${value}`;
      }
      end = at;
      at = skipComma(target, at);
    }
    at++;
    if (untouchedFrom >= 0) parts.push(target.slice(untouchedFrom, end));
    for (const [name, { nameText, node: added }] of node) {
      if (!positions.has(name) && added !== NULL) parts.push(`${nameText}:${applyToNothing(added)}`);
    }
    return objectText(parts);
  };
  return merged(root);
}

/** The result of a patch if there is no object to apply it to. */
function applyToNothing(node: PatchNode): string {
  if (typeof node === 'string') return node;
  const added = [...node.values()].filter((member) => member.node !== NULL);
  return objectText(added.map(({ nameText, node }) => `${nameText}:${applyToNothing(node)}`));
}

/** Concatenates strings, which V8 does without copying them: the parts of nested objects are long. */
function objectText(parts: readonly string[]): string {
  let members = '';
  for (const part of parts) if (part !== '') members += members === '' ? part : `,${part}`;
  return `{${members}}`;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}
