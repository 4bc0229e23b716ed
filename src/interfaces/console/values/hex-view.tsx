import { useRef } from 'preact/hooks';
import { useVirtualRows } from '../components/virtual-rows.js';

const isNarrow = matchMedia('(max-width: 760px)').matches;
const PER_ROW = isNarrow ? 8 : 16;
const ROW_HEIGHT = 22;

/** Bytes in rows of hexadecimal numbers, with the characters of ASCII beside them. */
export function HexView({ bytes }: { readonly bytes: Uint8Array }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualRows(scroller, Math.ceil(bytes.length / PER_ROW), ROW_HEIGHT);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section ref={scroller} class="hex" tabIndex={0} aria-label="Bytes">
      {bytes.length === 0 && <p class="hint">The value is empty.</p>}
      <div class="rows" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const part = bytes.subarray(index * PER_ROW, (index + 1) * PER_ROW);
          return (
            <div key={index} class="hex-row" style={{ transform: `translateY(${start}px)` }}>
              <span class="offset">{(index * PER_ROW).toString(16).padStart(8, '0')}</span>
              <span>
                {Array.from(part, hex)
                  .join(' ')
                  .padEnd(PER_ROW * 3 - 1)}
              </span>
              <span class="ascii">{Array.from(part, ascii).join('')}</span>
            </div>
          );
        })}
      </div>
    </section>
  );
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function ascii(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
}
