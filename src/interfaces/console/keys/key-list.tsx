import { useEffect, useRef } from 'preact/hooks';
import { useVirtualRows } from '../components/virtual-rows.js';
import { type KeyListProps, toggleIn } from './key-list-props.js';
import { KeyRow } from './key-row.js';
import { handleListKey } from './list-keys.js';

const ROW_HEIGHT = matchMedia('(max-width: 760px)').matches ? 44 : 32;

/** The tree of keys. The focus stays on it; the row that the arrow keys reached is named by `aria-activedescendant`. */
export function KeyList(props: KeyListProps) {
  const { tree, counts, active, selected } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isShown = tree.revision.value >= 0;
  const virtualizer = useVirtualRows(scroller, tree.length, ROW_HEIGHT);
  const position = Math.min(active.value, tree.length - 1);

  useEffect(() => {
    if (position >= 0) virtualizer.scrollToIndex(position, { align: 'auto' });
  }, [position, virtualizer]);

  if (!isShown) return null;
  return (
    <div
      ref={scroller}
      class="key-list"
      role="tree"
      aria-label="Keys"
      aria-multiselectable="true"
      aria-activedescendant={position >= 0 ? rowId(position) : undefined}
      tabIndex={0}
      onKeyDown={(event) => handleListKey(event, props)}
      onFocus={() => {
        if (active.value < 0) active.value = Math.max(0, tree.positionOf(props.current ?? ''));
      }}
    >
      <div class="rows" role="presentation" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const placed = tree.at(index);
          return (
            placed !== undefined && (
              <KeyRow
                key={placed.row?.name ?? `more ${index}`}
                id={rowId(index)}
                placed={placed}
                top={start}
                height={ROW_HEIGHT}
                isOpen={tree.isOpen(placed)}
                isActive={index === position}
                isCurrent={placed.row?.kind === 'entry' && placed.row.name === props.current}
                isSelected={placed.row !== undefined && selected.value.has(placed.row.name)}
                isBlinking={props.blinking?.value.has(placed.row?.name ?? '') ?? false}
                counts={counts}
                onClick={() => {
                  active.value = index;
                  if (placed.row?.kind === 'entry') props.onOpen(placed.row.name);
                  else if (placed.row !== undefined) placed.node.toggle(placed.index);
                  else void placed.node.load(true);
                }}
                onSelect={() => placed.row?.kind === 'entry' && toggleIn(selected, placed.row.name)}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function rowId(position: number): string {
  return `key-row-${position}`;
}
