import jsonc from 'jsonc-parser';

type Node = NonNullable<ReturnType<typeof jsonc.parseTree>>;

/** Sets the member at `path` of a JSON text; undefined removes it, the list position -1 appends. */
export interface Edit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Why the text is not JSON that can be edited safely, with line and column; undefined where it is. */
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
  if (error !== undefined) return `${positionOf(text, error.offset)}: ${inWords(error.error)}`;
  if (duplicate === undefined) return undefined;
  return `${positionOf(text, duplicate.offset)}: the member ${JSON.stringify(duplicate.value)} stands twice`;
}

/** The text with the edits made one after another; all else stays as it is, character by character. Throws where a path does not fit. */
export function editJson(text: string, edits: readonly Edit[]): string {
  return edits.reduce(
    (edited, { path, value }) => (value === undefined ? removeFrom(edited, path) : setIn(edited, path, value)),
    text,
  );
}

/** With the comma and the white space towards the neighbour before, else the one behind. */
function removeFrom(text: string, path: readonly (string | number)[]): string {
  const tree = jsonc.parseTree(text);
  const value = tree && jsonc.findNodeAtLocation(tree, [...path]);
  const node = value?.parent?.type === 'property' ? value.parent : value;
  const siblings = node?.parent?.children;
  if (node === undefined || siblings === undefined) throw new Error(`${JSON.stringify(path)} is not there`);
  const at = siblings.indexOf(node);
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  const start = before === undefined ? node.offset : before.offset + before.length;
  const end = before === undefined && after !== undefined ? after.offset : node.offset + node.length;
  return splice(text, start, end - start, '');
}

/** Not by jsonc's own `modify`, which either packs what it inserts or reformats the whole line around it. */
function setIn(text: string, path: readonly (string | number)[], value: unknown): string {
  const tree = jsonc.parseTree(text);
  const at = tree && jsonc.findNodeAtLocation(tree, [...path]);
  if (at !== undefined) return splice(text, at.offset, at.length, written(value, lineOf(text, at.offset), text));
  const name = path.at(-1);
  const parent = tree && jsonc.findNodeAtLocation(tree, path.slice(0, -1));
  if (name === undefined) throw new Error('there is nothing to change');
  if (parent === undefined) return setIn(text, path.slice(0, -1), name === -1 ? [value] : { [name]: value });
  if (parent.type !== (name === -1 ? 'array' : 'object')) {
    throw new Error(`${JSON.stringify(path.slice(0, -1))} holds no ${name === -1 ? 'list' : 'object'}`);
  }
  return append(text, parent, name === -1 ? '' : `${JSON.stringify(name)}: `, value);
}

/** Behind the last child, with the white space that stands before that one. */
function append(text: string, parent: Node, label: string, value: unknown): string {
  const last = parent.children?.at(-1);
  if (last !== undefined) {
    const space = /\s*$/.exec(text.slice(0, last.offset))?.[0] ?? '';
    return splice(text, last.offset + last.length, 0, `,${space}${label}${written(value, space, text)}`);
  }
  const outer = lineOf(text, parent.offset);
  const inner = outer + (outer === '' ? '' : unitOf(text));
  const content = inner + label + written(value, inner, text) + outer;
  return splice(text, parent.offset + 1, parent.length - 2, content);
}

/** The value over several lines where `space` holds a line break, which each of its lines then begins with. */
function written(value: unknown, space: string, text: string): string {
  const [, eol, indent] = /(\r?\n)([ \t]*)$/.exec(space) ?? [];
  if (eol === undefined) return JSON.stringify(value);
  return JSON.stringify(value, null, unitOf(text)).replaceAll('\n', eol + indent);
}

/** The line break and indentation of the line that holds the offset; empty in a text of one line. */
function lineOf(text: string, offset: number): string {
  const eol = /\r?\n/.exec(text.trimEnd())?.[0];
  if (eol === undefined) return '';
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return eol + (/^[ \t]*/.exec(line)?.[0] ?? '');
}

function unitOf(text: string): string {
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
    const within = duplicateIn(child);
    if (within !== undefined) return within;
  }
  return undefined;
}

function positionOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** `CommaExpected` as `comma expected`. */
function inWords(code: jsonc.ParseErrorCode): string {
  return jsonc
    .printParseErrorCode(code)
    .replace(/(?<=.)([A-Z])/g, ' $1')
    .toLowerCase();
}
