import { AppError } from '../../domain/errors.js';

/** A write that names no version, in a project that demands one; what it should have brought depends on its kind. */
export class ConditionRequiredError extends AppError {
  constructor(
    readonly project: string,
    readonly kind: 'entry' | 'entries' | 'transaction',
    /** Of the operation in a transaction. */
    readonly path?: string,
  ) {
    const message = `Every write to project '${project}' must say what it replaces, by a condition or a check`;
    const details = { limit: 'require_conditional', limit_value: true };
    super('precondition_required', path === undefined ? message : `${path}: ${message}`, {
      details: path === undefined ? details : { ...details, path },
    });
  }
}
