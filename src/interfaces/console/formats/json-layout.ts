/** A token of JSON: a string, a mark, or anything else without space. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * JSON with a line for each member. Only space between tokens differs: numbers keep their digits, strings their
 * escapes, and members their order, even if a name occurs twice.
 */
export function layOutJson(text: string): string {
  const pieces: string[] = [];
  let depth = 0;
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    const isEnd = token === '}' || token === ']';
    if (isEnd) depth -= 1;
    const isEmpty = isEnd && (previous === '{' || previous === '[');
    if (!isEmpty && (isEnd || previous === '{' || previous === '[' || previous === ',')) {
      pieces.push('\n', '  '.repeat(Math.max(0, depth)));
    }
    pieces.push(token === ':' ? ': ' : token);
    if (token === '{' || token === '[') depth += 1;
    previous = token;
  }
  return pieces.join('');
}

/** JSON without space between its tokens. */
export function compactJson(text: string): string {
  return (text.match(TOKEN) ?? []).join('');
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
