import { expect } from 'chai';
import { AppError, type ErrorCode } from '../../../../src/domain/errors.js';
import { UnreachableError } from '../../../../src/interfaces/cli/connection/unreachable-error.js';
import { exitCodeOf } from '../../../../src/interfaces/cli/exit-codes.js';

describe('The exit code of an error', () => {
  const expected: readonly [error: unknown, code: number][] = [
    [new AppError('internal', ''), 1],
    [new AppError('unavailable', ''), 1],
    [new AppError('outcome_unknown', ''), 1],
    [new AppError('of_a_later_version' as ErrorCode, ''), 1],
    [Object.assign(new Error('no such file'), { syscall: 'open' }), 1],
    [new AppError('invalid', ''), 2],
    [new AppError('unavailable', '', { details: { pid: 1 } }), 3],
    [new AppError('unavailable', '', { details: { pid: null } }), 3],
    [new AppError('not_found', ''), 4],
    [new AppError('unauthenticated', ''), 5],
    [new AppError('precondition_failed', ''), 5],
    [new AppError('insufficient_storage', ''), 5],
    [new AppError('insufficient_storage', 'of this disk', { cause: new Error('ENOSPC') }), 1],
    [new UnreachableError(''), 6],
    [new AppError('unavailable', 'in other words', { cause: new UnreachableError('') }), 6],
  ];
  for (const [error, code] of expected) {
    const { name, message } = error as Error;
    it(`is ${code} for ${name} ${error instanceof AppError ? error.code : ''} ${message}`, () => {
      expect(exitCodeOf(error)).to.equal(code);
    });
  }
});

describe('The message of an unreachable server', () => {
  it('is one line, whatever the cause has', () => {
    expect(new UnreachableError('a\n  b\n').message).to.equal('a b');
  });
});
