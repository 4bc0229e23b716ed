import { getNodeValue, type Node, parseTree } from 'jsonc-parser';
import type { ShownEntry } from './kept-entry.js';

/** The members of an object of JSON, each as its text, which JSON.parse would change. */
export type Members = ReadonlyMap<string, string>;

/** The text at a path of members and positions; undefined if there is none. */
export function textAt(json: string, ...path: readonly (string | number)[]): string | undefined {
  let node: Node | undefined = parseTree(json);
  for (const step of path) {
    node = typeof step === 'number' ? node?.children?.[step] : node && memberNodes(node).get(step);
  }
  return node && json.slice(node.offset, node.offset + node.length);
}

/** Between a colon and a comma, or the end, is nothing but the value, with its space. */
export function membersOf(json: string): Members {
  const root = parseTree(json);
  if (root?.type !== 'object') throw new Error(`no object: ${json.slice(0, 200)}`);
  const properties = root.children ?? [];
  const members = new Map<string, string>();
  for (const [i, { colonOffset = 0, children }] of properties.entries()) {
    const end = (properties[i + 1]?.offset ?? root.offset + root.length) - 1;
    members.set(getNodeValue(children?.[0] as Node) as string, json.slice(colonOffset + 1, end));
  }
  return members;
}

export function elementsOf(json: string): readonly string[] {
  const root = parseTree(json);
  if (root?.type !== 'array') throw new Error(`no array: ${json.slice(0, 200)}`);
  return (root.children ?? []).map(({ offset, length }) => json.slice(offset, offset + length));
}

/** An entry as responses show it. */
export function shownItem(json: string): ShownEntry {
  const members = membersOf(json);
  const value = members.get('value');
  const expires = members.get('expires_at');
  return {
    ...(value === undefined ? {} : { value: valuesOf(value, members.get('encoding')) }),
    contentType: JSON.parse(members.get('content_type') as string),
    expiresAt: expires === undefined || expires === 'null' ? undefined : Math.round(Number(expires) * 1000),
    meta: members.get('meta') === 'null' ? undefined : members.get('meta'),
  };
}

/** The same for one that names its key. */
export function keyedItem(json: string): readonly [string, ShownEntry] {
  return [JSON.parse(membersOf(json).get('key') as string), shownItem(json)];
}

function valuesOf(value: string, encoding: string | undefined): readonly Buffer[] {
  const asJson = Buffer.from(value);
  switch (encoding === undefined ? undefined : JSON.parse(encoding)) {
    case 'json':
      return [asJson];
    case 'text':
      return [Buffer.from(JSON.parse(value))];
    case 'base64':
      return [Buffer.from(JSON.parse(value), 'base64')];
    default:
      return /^\s*"/.test(value) ? [asJson, Buffer.from(JSON.parse(value))] : [asJson];
  }
}

function memberNodes(node: Node): Map<string, Node> {
  const members = new Map<string, Node>();
  for (const { children } of node.children ?? []) {
    const [name, value] = children as [Node, Node];
    members.set(getNodeValue(name) as string, value);
  }
  return members;
}
