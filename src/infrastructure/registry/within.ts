import { AppError } from '../../domain/errors.js';

/** Rejects with `unavailable` if it takes longer. What was begun goes on. */
export async function within<T>(ms: number, running: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new AppError('unavailable', `the registry did not answer within ${ms / 1000} s`);
    timer = setTimeout(() => reject(error), ms);
  });
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}
