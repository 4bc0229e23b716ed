import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { Button } from '../components/button.js';
import { Logo } from '../components/logo.js';
import { addressOf } from '../routing/addresses.js';
import { Navigation } from './navigation.js';

/** Whether the menu is open on a narrow screen. */
const isMenuOpen = signal(false);

/** The frame around every view: the menu, and at its side the content. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const { url } = useLocation();
  useEffect(() => {
    isMenuOpen.value = false;
  }, [url]);
  return (
    <div class={`shell${isMenuOpen.value ? ' menu-open' : ''}`}>
      <button type="button" class="skip-link" onClick={() => document.querySelector<HTMLElement>('main')?.focus()}>
        Skip to the content
      </button>
      <header class="top-bar">
        <Button icon="menu" kind="quiet" label="Menu" onClick={() => (isMenuOpen.value = !isMenuOpen.value)} />
        <a href={addressOf('')} class="home">
          <Logo />
        </a>
      </header>
      <Navigation />
      <button type="button" class="menu-shade" aria-label="Close the menu" onClick={() => (isMenuOpen.value = false)} />
      <div class="view">{children}</div>
    </div>
  );
}
