import jsonc from 'jsonc-parser';
import { placeOf, placeText } from '../../domain/json/place.js';

type Node = NonNullable<ReturnType<typeof jsonc.parseTree>>;

/** Sets the member at `path` of a JSON text; undefined removes it, the list position -1 appends. */
export interface Edit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Why the text is not JSON that can be edited safely, with line and column; undefined if it can be edited. */
export function jsonProblem(text: string): string | undefined {
  const errors: jsonc.ParseError[] = [];
  let duplicate: Node | undefined;
  try {
    const tree = jsonc.parseTree(text, errors, { disallowComments: true });
    duplicate = tree === undefined ? undefined : duplicateIn(tree);
    if (errors.length === 0) JSON.parse(text);
  } catch (error) {
    return error instanceof RangeError ? 'it is nested too deep' : (error as Error).message;
  }
  const [error] = errors;
  if (error !== undefined) return `${placeText(placeOf(text, error.offset))}: ${errorName(error.error)}`;
  if (duplicate === undefined) return undefined;
  return `${placeText(placeOf(text, duplicate.offset))}: the member ${JSON.stringify(duplicate.value)} stands twice`;
}

/** The text after the edits, one after another; every other character stays as it is. Throws if a path does not fit. */
export function editJson(text: string, edits: readonly Edit[]): string {
  return edits.reduce(
    (edited, { path, value }) => (value === undefined ? removeFrom(edited, path) : setIn(edited, path, value)),
    text,
  );
}

/** Also removes the comma and the white space up to the previous member or, if there is none, up to the next one. */
function removeFrom(text: string, path: readonly (string | number)[]): string {
  const tree = jsonc.parseTree(text);
  const value = tree && jsonc.findNodeAtLocation(tree, [...path]);
  const node = value?.parent?.type === 'property' ? value.parent : value;
  const siblings = node?.parent?.children;
  if (node === undefined || siblings === undefined) throw new Error(`${JSON.stringify(path)} is not there`);
  const index = siblings.indexOf(node);
  const [before, after] = [siblings[index - 1], siblings[index + 1]];
  const start = before === undefined ? node.offset : before.offset + before.length;
  const end = before === undefined && after !== undefined ? after.offset : node.offset + node.length;
  return splice(text, start, end - start, '');
}

/** Does not use jsonc's `modify`, which writes what it inserts on one line or reformats the whole line around it. */
function setIn(text: string, path: readonly (string | number)[], value: unknown): string {
  const tree = jsonc.parseTree(text);
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

/** Inserts after the last child, with the white space that is before that one. */
function append(text: string, parent: Node, label: string, value: unknown): string {
  const last = parent.children?.at(-1);
  if (last !== undefined) {
    const space = /\s*$/.exec(text.slice(0, last.offset))?.[0] ?? '';
    return splice(text, last.offset + last.length, 0, `,${space}${label}${stringify(value, space, text)}`);
  }
  const outer = lineStart(text, parent.offset);
  const inner = outer + (outer === '' ? '' : indentationOf(text));
  const content = inner + label + stringify(value, inner, text) + outer;
  return splice(text, parent.offset + 1, parent.length - 2, content);
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

function duplicateIn(node: Node): Node | undefined {
  const names = new Set<unknown>();
  for (const child of node.children ?? []) {
    const [name] = child.type === 'property' ? (child.children ?? []) : [];
    if (name !== undefined && names.has(name.value)) return name;
    if (name !== undefined) names.add(name.value);
    const nested = duplicateIn(child);
    if (nested !== undefined) return nested;
  }
  return undefined;
}

/** `CommaExpected` as `comma expected`. */
function errorName(code: jsonc.ParseErrorCode): string {
  return jsonc
    .printParseErrorCode(code)
    .replace(/(?<=.)([A-Z])/g, ' $1')
    .toLowerCase();
}
