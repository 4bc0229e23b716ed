import { DEFAULT_MAX_VALUE_BYTES } from '../../domain/limits.js';
import type { RequestLimits } from './protocol/request-parser.js';

/** What one command may have; the use case decides about its keys and values. */
export const LIMITS: RequestLimits = {
  arguments: 65_536,
  argumentBytes: 4 * DEFAULT_MAX_VALUE_BYTES,
  requestBytes: 4 * DEFAULT_MAX_VALUE_BYTES,
};

/** Of a client that has shown no key yet. */
export const LIMITS_BEFORE_AUTHENTICATION: RequestLimits = {
  arguments: 10,
  argumentBytes: 16 * 1024,
  requestBytes: 64 * 1024,
};
