import { expect } from 'chai';
import { AppError } from '../../../../src/domain/errors.js';
import { diskError } from '../../../../src/infrastructure/files/disk-error.js';

describe('diskError', () => {
  it('tells a full disk from every other failure', () => {
    const of = (code: string) => diskError(Object.assign(new Error('failed'), { code }), 'cannot write x');
    expect(of('ENOSPC')).to.include({ code: 'insufficient_storage' });
    expect(of('EDQUOT')).to.include({ code: 'insufficient_storage' });
    expect(of('EIO')).to.include({ code: 'unavailable', message: 'cannot write x: EIO' });
    expect(diskError('odd', 'cannot write x')).to.include({ code: 'unavailable', message: 'cannot write x: odd' });
  });

  it('leaves an error alone that says already what callers are told', () => {
    const error = new AppError('conflict', 'mine');
    expect(diskError(error, 'cannot write x')).to.equal(error);
  });
});
