import { statusOf } from '../../response/error-response.js';
import type { RestErrorCode } from '../../response/http-error.js';
import type { Reply } from '../../response/reply.js';
import type { ErrorShape } from '../../response/write-response.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Cloudflare's codes of errors that it has, too. Others have their HTTP status as code. */
const CODES: Readonly<Partial<Record<RestErrorCode, number>>> = {
  unauthenticated: 10000,
  not_found: 10013,
  conflict: 10014,
  rate_limited: 971,
};

/** The code of a key that does not exist, as the member `cloudflare_code` of an error's details. */
export const KEY_NOT_FOUND = { cloudflare_code: 10009 };

/** A success in Cloudflare's envelope. `result` and `info` are JSON texts. */
export function success(result: string, info?: string, headers: Readonly<Record<string, string>> = {}): Reply {
  const more = info === undefined ? '' : `,"result_info":${info}`;
  const body = `{"result":${result},"success":true,"errors":[],"messages":[]${more}}\n`;
  return { status: 200, headers: { ...JSON_TYPE, ...headers }, body };
}

/** An error in Cloudflare's envelope. */
export const cloudflareError: ErrorShape = (error) => {
  const status = statusOf(error);
  const code = error.details?.cloudflare_code ?? CODES[error.code] ?? status;
  const body = { result: null, success: false, errors: [{ code, message: error.message }], messages: [] };
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` };
};
