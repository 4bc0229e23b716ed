import { AppError } from '../../domain/errors.js';

/** A write without a condition, in a project that requires one. What it should have sent depends on its kind. */
export class ConditionRequiredError extends AppError {
  constructor(
    readonly project: string,
    readonly kind: 'entry' | 'entries' | 'transaction',
    /** The path of the operation in a transaction. */
    readonly path?: string,
  ) {
    const message = `Every write to project '${project}' must say what it replaces, by a condition or a check`;
    const details = { limit: 'require_conditional', limit_value: true };
    super('precondition_required', path === undefined ? message : `${path}: ${message}`, {
      details: path === undefined ? details : { ...details, path },
    });
  }
}
