import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './button.js';

/** A button that opens a list of actions. Arrows move in it, Escape closes it. */
export function Menu({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    itemsIn(box.current)[0]?.focus();
    const closeOutside = (event: MouseEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener('click', closeOutside);
    return () => removeEventListener('click', closeOutside);
  }, [isOpen]);

  const move = (event: KeyboardEvent) => {
    const all = itemsIn(box.current);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) all[(at + step + all.length) % all.length]?.focus();
    else if (event.key === 'Escape') {
      setOpen(false);
      box.current?.querySelector<HTMLElement>('button')?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={box} class="menu">
      <Button icon="more" label={label} hasMenu isExpanded={isOpen} onClick={() => setOpen(!isOpen)} />
      {isOpen && (
        <div role="menu" aria-label={label} onKeyDown={move} onClick={() => setOpen(false)}>
          {children}
        </div>
      )}
    </div>
  );
}

function itemsIn(box: HTMLElement | null): HTMLElement[] {
  return [...(box?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
}
