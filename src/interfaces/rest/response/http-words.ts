import { PrimaryKeyError } from '../../../application/api-keys/secondary-key.js';
import { ConditionRequiredError } from '../../../application/entries/conditions.js';
import { ContentTypeTooLongError } from '../../../application/entries/content-type.js';
import { clientError } from '../../../application/inbound/inbound-pipeline.js';
import { MigrationRunningError } from '../../../application/migrations/migration-running-error.js';
import { SeparateSettingError } from '../../../application/projects/separate-setting-error.js';
import { ConditionFailedError } from '../../../domain/condition.js';
import { ProjectExistsError } from '../../../domain/project.js';
import { HttpError, type RestError } from './http-error.js';

const HEADERS = {
  ifMatch: 'If-Match',
  ifUnmodifiedSince: 'If-Unmodified-Since',
  ifNoneMatch: 'If-None-Match',
  ifModifiedSince: 'If-Modified-Since',
};

const REQUIRED = {
  entry: 'If-Match or If-None-Match',
  entries: 'If-Match on each key, or a transaction with checks',
  transaction: 'a check of its key',
};

const PRIMARY_KEY_ADVICE = {
  delete: 'it cannot be deleted, only replaced by config/regenerate-api-key',
  rotate: 'config/regenerate-api-key replaces it',
};

const SEPARATE_SETTING = {
  id: 'Updating project ID via this route is not allowed.',
  authentication:
    'Updating authentication settings via this route is not allowed. Use the regenerate API key route instead.',
};

/** An error as responses show it: messages of the application, which know no transport, get the words of HTTP. */
export function restError(error: unknown): RestError {
  if (error instanceof HttpError) return error;
  const known = clientError(error);
  const { code, isPermanent } = known;
  const shown = { code, message: messageOf(known), details: detailsOf(known), isPermanent };
  // Simple-PyKV answers 400 to an id that is taken.
  return known instanceof ProjectExistsError ? { ...shown, status: 400 } : shown;
}

function messageOf(error: Error): string {
  if (error instanceof ConditionFailedError) return `${HEADERS[error.condition]} does not hold: ${error.actual}`;
  if (error instanceof ConditionRequiredError) {
    const { project, kind, path } = error;
    const message = `Every write to project '${project}' must say what it replaces, by ${REQUIRED[kind]}`;
    return path === undefined ? message : `${path}: ${message}`;
  }
  if (error instanceof MigrationRunningError) {
    return `Project '${error.project}' is being moved already, see ${locationOf(error)}`;
  }
  if (error instanceof PrimaryKeyError) {
    const advice = PRIMARY_KEY_ADVICE[error.attempted];
    return `This is the primary API key of project '${error.project}': ${advice}`;
  }
  if (error instanceof ContentTypeTooLongError) return `Content-Type may have at most ${error.maxBytes} bytes`;
  if (error instanceof SeparateSettingError) return SEPARATE_SETTING[error.setting];
  return error.message;
}

function detailsOf(error: RestError): RestError['details'] {
  return error instanceof MigrationRunningError ? { location: locationOf(error) } : error.details;
}

function locationOf({ project, migration }: MigrationRunningError): string {
  return `/api/v1/projects/${project}/migrations/${migration}`;
}
