import { type KeyListProps, toggleIn } from './key-list-props.js';

/** How far Page Up and Page Down go. */
const PAGE = 15;

const MOVES: Readonly<Record<string, (position: number, last: number) => number>> = {
  ArrowDown: (position) => position + 1,
  ArrowUp: (position) => position - 1,
  PageDown: (position) => position + PAGE,
  PageUp: (position) => position - PAGE,
  Home: () => 0,
  End: (_, last) => last,
};

/** The keys of a tree, as the WAI-ARIA practices describe them, and Delete. */
export function handleListKey(event: KeyboardEvent, { tree, active, selected, onOpen, onDelete }: KeyListProps): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const position = active.value;
  const placed = tree.at(position);
  const move = MOVES[event.key];
  if (move !== undefined) {
    const last = tree.length - 1;
    active.value = Math.max(0, Math.min(last, move(position, last)));
  } else if (placed?.row === undefined) {
    if (event.key !== 'Enter' || placed === undefined) return;
    void placed.node.load(true);
  } else if (event.key === 'Enter') {
    if (placed.row.kind === 'entry') onOpen(placed.row.name);
    else placed.node.toggle(placed.index);
  } else if (event.key === ' ') {
    if (placed.row.kind === 'entry') toggleIn(selected, placed.row.name);
  } else if (event.key === 'ArrowRight') {
    if (placed.row.kind === 'group' && !tree.isOpen(placed)) placed.node.toggle(placed.index);
    else if (placed.row.kind === 'group') active.value = position + 1;
  } else if (event.key === 'ArrowLeft') {
    if (placed.row.kind === 'group' && tree.isOpen(placed)) placed.node.toggle(placed.index);
    else if (placed.depth > 0) active.value = tree.positionOf(placed.node.query.prefix);
  } else if (event.key === 'Delete') {
    onDelete(placed.row.name, placed.row.kind === 'group');
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}
