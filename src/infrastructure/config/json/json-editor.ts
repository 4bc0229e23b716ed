import { isDeepStrictEqual } from 'node:util';
import jsonc from 'jsonc-parser';
import { isObject } from '../../validation/check-settings.js';
import { type Node, treeOf, withoutComments } from './json-text.js';

/** Sets the member at `path` of a JSON text; undefined removes it, the list position -1 appends. */
export interface Edit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * The edits that make `after` of the value `before` at the path. Objects change member by member, so that what else
 * stands between them stays, also members that begin with `x-`.
 */
export function editsTo(path: Edit['path'], before: unknown, after: unknown): Edit[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ path, value: after }];
  const names = new Set([...Object.keys(before).filter((name) => !name.startsWith('x-')), ...Object.keys(after)]);
  return [...names].flatMap((name) => editsTo([...path, name], memberOf(before, name), memberOf(after, name)));
}

function memberOf(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The text after the edits, one after another; every other character stays as it is. Throws if a path does not fit. */
export function editJson(text: string, edits: readonly Edit[]): string {
  return edits.reduce(
    (edited, { path, value }) => (value === undefined ? removeFrom(edited, path) : setIn(edited, path, value)),
    text,
  );
}

/**
 * Also removes a comma, and the white space up to the previous member or, if there is none, up to the next one.
 * Comments around it stay.
 */
function removeFrom(text: string, path: readonly (string | number)[]): string {
  const tree = treeOf(text);
  const value = tree && jsonc.findNodeAtLocation(tree, [...path]);
  const node = value?.parent?.type === 'property' ? value.parent : value;
  const siblings = node?.parent?.children;
  if (node === undefined || siblings === undefined) throw new Error(`${JSON.stringify(path)} is not there`);
  const index = siblings.indexOf(node);
  const [before, after] = [siblings[index - 1], siblings[index + 1]];
  const [start, end] = [node.offset, endOf(node)];
  const comma = commaAfter(text, end);
  if (before !== undefined && isBlank(text, endOf(before), start)) {
    return splice(text, endOf(before), end - endOf(before), '');
  }
  if (before === undefined && after !== undefined && isBlank(text, end, after.offset)) {
    return splice(text, start, after.offset - start, '');
  }
  if (comma !== undefined) return removeLine(splice(text, comma, 1, ''), start, end);
  const removed = removeLine(text, start, end);
  return before === undefined ? removed : splice(removed, commaAfter(text, endOf(before)) ?? start, 1, '');
}

/** Removes what is between the offsets, and its line if nothing else is on it. */
function removeLine(text: string, start: number, end: number): string {
  const indentation = /\r?\n[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';
  const isAlone = /^[ \t]*\r?\n/.test(text.slice(end));
  const from = isAlone ? start - indentation.length : start;
  return splice(text, from, end - from, '');
}

/** Whether there is nothing but white space and a comma between the offsets. */
function isBlank(text: string, start: number, end: number): boolean {
  return /^\s*,?\s*$/.test(text.slice(start, end));
}

function endOf(node: Node): number {
  return node.offset + node.length;
}

/** The offset of the comma that follows, also after comments. */
function commaAfter(text: string, offset: number): number | undefined {
  const found = /^\s*,/.exec(withoutComments(text).slice(offset));
  return found === null ? undefined : offset + found[0].length - 1;
}

/** Does not use jsonc's `modify`, which writes what it inserts on one line or reformats the whole line around it. */
function setIn(text: string, path: readonly (string | number)[], value: unknown): string {
  const tree = treeOf(text);
  const node = tree && jsonc.findNodeAtLocation(tree, [...path]);
  if (node !== undefined) {
    return splice(text, node.offset, node.length, stringify(value, lineStart(text, node.offset), text));
  }
  const name = path.at(-1);
  const parent = tree && jsonc.findNodeAtLocation(tree, path.slice(0, -1));
  if (name === undefined) throw new Error('there is nothing to change');
  if (parent === undefined) return setIn(text, path.slice(0, -1), name === -1 ? [value] : { [name]: value });
  if (parent.type !== (name === -1 ? 'array' : 'object')) {
    throw new Error(`${JSON.stringify(path.slice(0, -1))} holds no ${name === -1 ? 'list' : 'object'}`);
  }
  return append(text, parent, name === -1 ? '' : `${JSON.stringify(name)}: `, value);
}

/** Inserts after the last child and the comments on its line, with the white space that is before that one. */
function append(text: string, parent: Node, label: string, value: unknown): string {
  const last = parent.children?.at(-1);
  if (last !== undefined) {
    const space = /\s*$/.exec(text.slice(0, last.offset))?.[0] ?? '';
    const comma = commaAfter(text, endOf(last));
    const from = comma === undefined ? endOf(last) : comma + 1;
    const at = space.includes('\n') ? endOfComments(text, from) : from;
    const inserted = `${space}${label}${stringify(value, space, text)}${comma === undefined ? '' : ','}`;
    const added = splice(text, at, 0, inserted);
    return comma === undefined ? splice(added, endOf(last), 0, ',') : added;
  }
  const outer = lineStart(text, parent.offset);
  const inner = outer + (outer === '' ? '' : indentationOf(text));
  const content = text.slice(parent.offset + 1, endOf(parent) - 1);
  const kept = content.trim() === '' ? '' : content.trimEnd();
  return splice(
    text,
    parent.offset + 1,
    parent.length - 2,
    kept + inner + label + stringify(value, inner, text) + outer,
  );
}

/** The end of the comments that follow on the same line. */
function endOfComments(text: string, offset: number): number {
  const comments = /^(?:[ \t]*(?:\/\*[\s\S]*?\*\/|\/\/[^\r\n]*))*/.exec(text.slice(offset))?.[0] ?? '';
  return offset + comments.trimEnd().length;
}

/** The value as JSON: on several lines if `space` has a line break, each indented as `space` is. */
function stringify(value: unknown, space: string, text: string): string {
  const [, eol, indent] = /(\r?\n)([ \t]*)$/.exec(space) ?? [];
  if (eol === undefined) return JSON.stringify(value);
  return JSON.stringify(value, null, indentationOf(text)).replaceAll('\n', eol + indent);
}

/** The line break and the indentation of the line with the offset; empty if the text has one line only. */
function lineStart(text: string, offset: number): string {
  const eol = /\r?\n/.exec(text.trimEnd())?.[0];
  if (eol === undefined) return '';
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return eol + (/^[ \t]*/.exec(line)?.[0] ?? '');
}

function indentationOf(text: string): string {
  return /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
}

function splice(text: string, offset: number, length: number, content: string): string {
  return text.slice(0, offset) + content + text.slice(offset + length);
}
