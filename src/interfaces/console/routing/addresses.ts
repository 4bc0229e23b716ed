/** The folder of the console, such as `/console/`, with the path prefix of a proxy if there is one. */
const BASE = new URL('.', document.baseURI);

export const consolePath = BASE.pathname;

/** Where the API is: beside the console. No slash at the end. */
export const apiRoot = new URL('..', BASE).href.replace(/\/$/, '');

type Query = Readonly<Record<string, string | undefined>>;

/** The address of a view, such as `projects/weather/keys`, for a link. */
export function addressOf(view: string, query: Query = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `${consolePath}${view}${given.length > 0 ? `?${new URLSearchParams(given)}` : ''}`;
}

/** A view of one project. */
export function projectAddress(project: string, view: string, query: Query = {}): string {
  return addressOf(`projects/${encodeURIComponent(project)}/${view}`, query);
}

/** A page of the server beside the console, such as `docs`. */
export function serverAddress(path: string): string {
  return `${apiRoot}/${path}`;
}
