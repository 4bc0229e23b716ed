import { AppError } from '../../../../domain/errors.js';

/** For a store that a move fences while it has the fence of another one. */
export function otherFence(store: string): AppError {
  return new AppError('conflict', `${store} is fenced by another move of its project: try again`);
}
