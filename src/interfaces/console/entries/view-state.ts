import { useCallback, useMemo } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { projectAddress } from '../routing/addresses.js';

/** What the address says of the view; each change of it has an address. */
export interface ViewState {
  readonly prefix: string;
  /** Undefined if it should be guessed from the keys. */
  readonly separator: string | undefined;
  readonly isReversed: boolean;
  readonly key: string | undefined;
  readonly as: string | undefined;
  readonly mode: 'show' | 'edit' | 'new';
}

export function useViewState(project: string) {
  const { query, route } = useLocation();
  const { prefix = '', separator, order, key, as, mode } = query;
  const state = useMemo<ViewState>(
    () => ({
      prefix,
      separator,
      isReversed: order === 'last',
      key,
      as,
      mode: mode === 'edit' || mode === 'new' ? mode : 'show',
    }),
    [prefix, separator, order, key, as, mode],
  );
  const change = useCallback(
    (to: Partial<ViewState>, isReplacing = false) => {
      const next = { ...state, ...to };
      const address = projectAddress(project, 'keys', {
        prefix: next.prefix || undefined,
        separator: next.separator,
        order: next.isReversed ? 'last' : undefined,
        key: next.key,
        as: next.as,
        mode: next.mode === 'show' ? undefined : next.mode,
      });
      route(address, isReplacing);
    },
    [state, route, project],
  );
  return [state, change] as const;
}
