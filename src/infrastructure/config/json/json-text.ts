import jsonc from 'jsonc-parser';
import { placeOf, placeText } from '../../../domain/json/place.js';

export type Node = NonNullable<ReturnType<typeof jsonc.parseTree>>;

/** What editors call JSON with comments: also a comma after the last member. */
const WITH_COMMENTS = { disallowComments: false, allowTrailingComma: true };

/** Why the text is not JSON that can be edited safely, with line and column; undefined if it can be edited. */
export function jsonProblem(text: string): string | undefined {
  const errors: jsonc.ParseError[] = [];
  let duplicate: Node | undefined;
  try {
    const tree = jsonc.parseTree(text, errors, WITH_COMMENTS);
    duplicate = tree === undefined ? undefined : duplicateIn(tree);
    if (errors.length === 0) parseJson(text);
  } catch (error) {
    return error instanceof RangeError ? 'it is nested too deep' : (error as Error).message;
  }
  const [error] = errors;
  if (error !== undefined) return `${placeText(placeOf(text, error.offset))}: ${errorName(error.error)}`;
  if (duplicate === undefined) return undefined;
  return `${placeText(placeOf(text, duplicate.offset))}: the member ${JSON.stringify(duplicate.value)} stands twice`;
}

/** The value of JSON with comments. Throws if the text is malformed. */
export function parseJson(text: string): unknown {
  return JSON.parse(withoutTrailingCommas(withoutComments(text)));
}

/** The tree of JSON with comments. */
export function treeOf(text: string): Node | undefined {
  return jsonc.parseTree(text, [], WITH_COMMENTS);
}

/** The text of the same length with spaces in the place of comments. */
export function withoutComments(text: string): string {
  const comments: [number, number][] = [];
  jsonc.visit(text, { onComment: (offset, length) => comments.push([offset, offset + length]) }, WITH_COMMENTS);
  return blanked(text, comments);
}

function withoutTrailingCommas(text: string): string {
  const trailing: [number, number][] = [];
  let comma: number | undefined;
  const forget = () => {
    comma = undefined;
  };
  const end = () => {
    if (comma !== undefined) trailing.push([comma, comma + 1]);
    comma = undefined;
  };
  const onSeparator = (character: string, offset: number) => {
    comma = character === ',' ? offset : undefined;
  };
  const begins = { onObjectProperty: forget, onObjectBegin: forget, onArrayBegin: forget, onLiteralValue: forget };
  jsonc.visit(text, { ...begins, onSeparator, onObjectEnd: end, onArrayEnd: end }, WITH_COMMENTS);
  return blanked(text, trailing);
}

/** The text with spaces in these places, in ascending order; line breaks stay. */
function blanked(text: string, places: readonly [number, number][]): string {
  let [plain, done] = ['', 0];
  for (const [from, to] of places) {
    plain += text.slice(done, from) + text.slice(from, to).replaceAll(/[^\r\n]/g, ' ');
    done = to;
  }
  return plain + text.slice(done);
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
