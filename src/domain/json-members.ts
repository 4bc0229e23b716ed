/**
 * Takes JSON apart without converting it: every part is a slice of the text, so numbers keep their digits. All functions
 * expect text that `isJson` accepts.
 */

/** A member of an object: its name, decoded and as written, and its value as written. */
export interface Member {
  readonly name: string;
  readonly nameText: string;
  readonly text: string;
}

/** The members of an object in their order, or undefined where the text is no object. */
export function membersOf(text: string): Member[] | undefined {
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return undefined;
  const members: Member[] = [];
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const nameEnd = skipString(text, at);
    const nameText = text.slice(at, nameEnd);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = skipValue(text, start);
    members.push({ name: nameOf(nameText), nameText, text: text.slice(start, end) });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

/** Decoded, which most names need not be. */
function nameOf(nameText: string): string {
  return nameText.includes('\\') ? (JSON.parse(nameText) as string) : nameText.slice(1, -1);
}

/** The elements of an array, or undefined where the text is none. */
export function elementsOf(text: string): string[] | undefined {
  let at = skipSpace(text, 0);
  if (text[at] !== '[') return undefined;
  const elements: string[] = [];
  at = skipSpace(text, at + 1);
  while (text[at] !== ']') {
    const end = skipValue(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return elements;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

function skipString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Behind the value that begins at `from`. */
function skipValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  for (;;) {
    const char = text[at];
    if (char === undefined) return at;
    if (char === '"') at = skipString(text, at);
    else if (char === '{' || char === '[') {
      depth++;
      at++;
    } else if (char === '}' || char === ']') {
      if (depth === 0) return at;
      depth--;
      at++;
    } else if (depth === 0 && (char === ',' || char === ' ' || char === '\n' || char === '\r' || char === '\t'))
      return at;
    else at++;
    if (depth === 0 && (char === '"' || char === '}' || char === ']')) return at;
  }
}
