import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { text } from 'node:stream/consumers';
import { AppError } from '../../domain/errors.js';
import { runningAddress } from '../../infrastructure/storage/data-folder.js';
import type { HealthOptions } from '../../interfaces/cli/actions.js';
import { UnreachableError } from '../../interfaces/cli/connection/unreachable-error.js';
import { localAddress } from './local-address.js';
import { dataFolderOf } from './run-as-owner.js';

/** The longest time for a response, in ms: less than the 3 s that the check of the image may take. */
const TIMEOUT = 2_000;

/**
 * Resolves with the address of the server if it is alive, else rejects with `unavailable`, which is an
 * `UnreachableError` if nothing responds. No key is sent, so the
 * certificate of a server with TLS is not checked.
 */
export async function checkHealth(options: HealthOptions): Promise<string> {
  const address = options.url ?? (await addressOf(options));
  const { status, body } = await responseOf(`${address.replace(/\/+$/, '')}/livez`);
  if (status !== 200) throw new AppError('unavailable', `The server at ${address} is not well: status ${status}`);
  if (body.trim() === 'ok') return address;
  const start = JSON.stringify(body.slice(0, 100));
  throw new UnreachableError(`The server at ${address} answered as PortKV does not: another program? ${start}`);
}

async function addressOf(options: HealthOptions): Promise<string> {
  const data = await dataFolderOf(options);
  const address = localAddress(await runningAddress(data));
  if (address !== undefined) return address;
  throw new UnreachableError(`No server of the data folder ${data} listens yet, or any more`);
}

function responseOf(url: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) =>
      reject(new UnreachableError(`The server at ${url} does not respond: ${cause.message}`, cause));
    const request = get(url, { rejectUnauthorized: false, agent: false }, (response) => {
      text(response)
        .then((body) => resolve({ status: response.statusCode, body }), fail)
        .finally(() => clearTimeout(timer));
    });
    const timer = setTimeout(() => request.destroy(new Error(`nothing within ${TIMEOUT} ms`)), TIMEOUT);
    request.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
  });
}
