import type { ComponentChildren } from 'preact';

/** A table that may be wider than the screen, or long. The keyboard scrolls it. */
export function Scrolled({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a pointer it could not be scrolled
    <section class="scrolled" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
