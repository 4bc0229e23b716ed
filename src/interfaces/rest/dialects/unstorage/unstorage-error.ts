import { statusOf } from '../../response/error-response.js';
import type { ErrorShape } from '../../response/write-response.js';

/** An error as unstorage's server shows it. */
export const unstorageError: ErrorShape = (error) => {
  const statusCode = statusOf(error);
  const { code, message, details } = error;
  const body = { statusCode, statusMessage: message, stack: [], data: { code, ...details } };
  return { status: statusCode, type: 'application/json', body: `${JSON.stringify(body)}\n` };
};
