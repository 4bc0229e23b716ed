import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const NAME = 'portkv.theme';

export const theme = signal<Theme>(stored());

effect(() => {
  const chosen = theme.value;
  if (chosen === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', chosen);
  try {
    if (chosen === 'system') localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, chosen);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
});

function stored(): Theme {
  try {
    const value = localStorage.getItem(NAME);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}
