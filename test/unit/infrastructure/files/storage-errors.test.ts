import { constants, tmpdir } from 'node:os';
import { expect } from 'chai';
import { AppError, DamagedDataError } from '../../../../src/domain/errors.js';
import {
  corruptFile,
  diskError,
  fullDisk,
  isFull,
  toStorageError,
} from '../../../../src/infrastructure/files/storage-errors.js';

const systemError = (code: unknown) => Object.assign(new Error('failed'), { code, syscall: 'open' });

describe('Storage errors', () => {
  it('know a full disk by every code that node and lmdb use, and by no other', () => {
    const { ENOSPC, EDQUOT, EIO } = constants.errno;
    for (const code of ['ENOSPC', 'EDQUOT', ENOSPC, EDQUOT])
      expect(isFull(systemError(code)), `${code}`).to.equal(true);
    for (const code of ['EIO', EIO, undefined]) expect(isFull(systemError(code)), `${code}`).to.equal(false);
    expect(isFull(undefined)).to.equal(false);
  });

  it('of a failed file operation tell a full disk from every other failure', () => {
    const of = (code: string) => diskError(systemError(code), 'cannot write x');
    expect(of('ENOSPC')).to.include({ code: 'insufficient_storage' });
    expect(of('EDQUOT')).to.include({ code: 'insufficient_storage' });
    expect(of('EIO')).to.include({ code: 'unavailable', message: 'cannot write x: EIO' });
    expect(diskError('odd', 'cannot write x')).to.include({ code: 'unavailable', message: 'cannot write x: odd' });
  });

  it('leave an error alone that is one for callers already', async () => {
    const error = new AppError('conflict', 'mine', { details: {} });
    expect(diskError(error, 'cannot write x')).to.equal(error);
    expect(await fullDisk(error, tmpdir())).to.equal(error);
    expect(toStorageError('x', error)).to.equal(error);
    expect(corruptFile('x', error)).to.equal(error);
  });

  it('of a store whose write failed tell a full disk from every other failure', async () => {
    const failed = (code: string) => new AppError('unavailable', 'a write failed', { cause: systemError(code) });
    expect(await fullDisk(failed('ENOSPC'), tmpdir())).to.include({
      code: 'insufficient_storage',
      message: 'No space is left on the disk: a write failed',
    });
    const other = failed('EIO');
    expect(await fullDisk(other, tmpdir())).to.equal(other);
  });

  it('of a file that cannot be read name it and the cure', () => {
    const messageOf = (code: string) => (toStorageError('a.json', systemError(code)) as AppError).message;
    expect(messageOf('ENOENT')).to.match(/^a\.json is missing\. .*Restore a snapshot.*put back the files/);
    expect(messageOf('ELOOP')).to.match(/^a\.json is a symbolic link, which is not followed\. /);
    expect(messageOf('EACCES')).to.match(/^a\.json cannot be opened \(failed\)\. /);
    const isDamage = (code: string) => toStorageError('a.json', systemError(code)) instanceof DamagedDataError;
    expect(['ENOENT', 'ELOOP', 'ENOTDIR', 'EISDIR'].map(isDamage)).not.to.include(false);
    expect(['EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'EBUSY'].map(isDamage)).not.to.include(true);
    expect(toStorageError('a.json', systemError(undefined))).to.be.instanceOf(AppError);
    const bug = new TypeError('a bug');
    expect(toStorageError('a.json', bug)).to.equal(bug);
  });

  it('of a corrupt lmdb file name it and the cure, unless the disk is full', () => {
    expect(corruptFile('data.mdb', new Error('page 3 is used twice')))
      .to.include({ code: 'unavailable' })
      .and.property('message')
      .match(/^data\.mdb: page 3 is used twice\. Nothing was changed\. Restore a snapshot/);
    expect(corruptFile('data.mdb', systemError(constants.errno.ENOSPC))).to.include({
      code: 'insufficient_storage',
      message: 'data.mdb: the disk is full',
    });
  });
});
