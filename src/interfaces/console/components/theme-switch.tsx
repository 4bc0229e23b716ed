import { Button } from './button.js';
import { type Theme, theme } from './theme.js';

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const NAMES: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };

export function ThemeSwitch() {
  const now = theme.value;
  return (
    <Button
      icon="theme"
      kind="quiet"
      label={`Colours: ${NAMES[now]}. Change to ${NAMES[NEXT[now]]}`}
      onClick={() => {
        theme.value = NEXT[now];
      }}
    />
  );
}
