import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '#openapi';
import { apiRoot } from '../routing/addresses.js';
import { errorOf, toApiError } from './api-error.js';

/** Every route of the API, with the types of the OpenAPI document. */
export type Api = Client<paths>;

const clients = new Map<string | undefined, Api>();

/** The API with a key, or without one. */
export function apiWith(key: string | undefined): Api {
  const known = clients.get(key);
  if (known !== undefined) return known;
  const headers = key === undefined ? {} : { 'X-API-Key': key };
  const client = createClient<paths>({
    baseUrl: apiRoot,
    headers,
    cache: 'no-store',
    credentials: 'omit',
    // A body that is bytes or text already is sent as it is.
    bodySerializer: (body: unknown) =>
      typeof body === 'string' || body instanceof Uint8Array || body instanceof Blob ? body : JSON.stringify(body),
  });
  clients.set(key, client);
  return client;
}

interface Fetched {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

/** The response of a request that succeeded, with what was read of its body. Throws `ApiError`. */
export async function fetched<R extends Fetched>(
  request: Promise<R>,
): Promise<{ readonly body: NonNullable<R['data']>; readonly response: Response }> {
  let result: R;
  try {
    result = await request;
  } catch (error) {
    throw toApiError(error);
  }
  if (!result.response.ok) throw errorOf(result.response, result.error);
  return { body: result.data as NonNullable<R['data']>, response: result.response };
}

type DataIn<T> = T extends { readonly data: infer D } ? D : never;

/** The `data` of the envelope of a response. Throws `ApiError`. */
export async function dataOf<R extends Fetched>(request: Promise<R>): Promise<DataIn<NonNullable<R['data']>>> {
  const { body } = await fetched(request);
  return (body as { readonly data: DataIn<NonNullable<R['data']>> }).data;
}
