import jsonc from 'jsonc-parser';
import { placeOf, placeText } from '../../../domain/json/place.js';
import { treeOf } from './json-text.js';

/** A part of a path as `memberPath` writes it: an index, a name in brackets, or a name. */
const PART = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g;

/**
 * Line and column of a member of JSON with comments, by its path, such as `projects[2].storage`; of the nearest object
 * around it if it is missing.
 */
export function placeOfMember(text: string, path: string): string | undefined {
  const tree = treeOf(text);
  if (tree === undefined) return undefined;
  const parts = partsOf(path);
  let node = jsonc.findNodeAtLocation(tree, parts);
  while (node === undefined && parts.pop() !== undefined) node = jsonc.findNodeAtLocation(tree, parts);
  const member = node?.parent?.type === 'property' ? node.parent : node;
  return member && placeText(placeOf(text, member.offset));
}

function partsOf(path: string): (string | number)[] {
  return [...path.matchAll(PART)].map(([, index, quoted, name = '']) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? name : (JSON.parse(quoted) as string);
  });
}
