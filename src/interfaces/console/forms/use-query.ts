import { useLocation } from 'preact-iso/router';

/** A value in the address of the view, such as a dialog that is open; `undefined` takes it out. */
export function useQuery(name: string): [string | undefined, (value: string | undefined) => void] {
  const { query, route } = useLocation();
  const set = (value: string | undefined) => {
    const { pathname, search } = globalThis.location;
    const next = new URLSearchParams(search);
    if (value === undefined) next.delete(name);
    else next.set(name, value);
    if (next.get(name) === (new URLSearchParams(search).get(name) ?? null)) return;
    route(next.size === 0 ? pathname : `${pathname}?${next}`);
  };
  return [query[name], set];
}
