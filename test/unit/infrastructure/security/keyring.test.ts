import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../../src/domain/errors.js';
import { type Keyring, readKeyring } from '../../../../src/infrastructure/security/keyring.js';

const [A, B] = [randomBytes(32), randomBytes(32)];
const [a, b] = [A.toString('base64'), B.toString('base64')];

describe('readKeyring', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function read(text: string): Promise<Keyring> {
    await writeFile(join(folder, 'keys'), text);
    return readKeyring({ key_file: 'keys' }, folder);
  }

  async function refusal(text: string): Promise<string> {
    const error: unknown = await read(text).catch((reason: unknown) => reason);
    if (error instanceof AppError && error.code === 'unavailable') return error.message;
    throw new Error(`it was read: ${text}`);
  }

  it('reads keys from lines of any editor, the current one first', async () => {
    const ring = await read(`\uFEFFnew_1:${a}\r\n\n${b}\n`);
    const hash = createHash('sha256').update(B).digest('hex').slice(0, 8);
    expect(ring.current).to.equal('new_1');
    expect([...ring.keys.keys()]).to.deep.equal(['new_1', hash]);
    expect([...ring.keys.values()].map((key) => key.export().equals(A))).to.deep.equal([true, false]);
  });

  it('reads keys from an environment variable', async () => {
    process.env.PORTKV_TEST_KEYS = `${a} two:${b}`;
    expect([...(await readKeyring({ key_env: 'PORTKV_TEST_KEYS' }, folder)).keys.keys()]).to.have.length(2);
    delete process.env.PORTKV_TEST_KEYS;
    const unset: unknown = await readKeyring({ key_env: 'PORTKV_TEST_KEYS' }, folder).catch((error) => error);
    expect((unset as AppError).message).to.include('PORTKV_TEST_KEYS holds no key');
  });

  it('refuses invalid keys, naming the file and the mistake but never a key', async () => {
    const wrong = ['', ' \n', 'secret', a.slice(1), `${a}=`, `:${a}`, `a b:${a}`, `${'x'.repeat(17)}:${a}`];
    wrong.push(`k:${a}\nk:${b}`, `${a}\n${a}`, `${a}\n${randomBytes(16).toString('base64')}`, `é:${a}`);
    for (const text of wrong) {
      const message = await refusal(text);
      expect(message).to.include(join(folder, 'keys'));
      expect(message).to.not.include(a.slice(4, 20)).and.not.include('secret');
    }
    for (const [path, text] of [['/dev/zero'], [folder], ['large', `${a}\n`.repeat(2000)]] as const) {
      if (text !== undefined) await writeFile(join(folder, path), text);
      const noFile: unknown = await readKeyring({ key_file: path }, folder).catch((error: unknown) => error);
      expect((noFile as AppError).message, path).to.include('is no file of at most 65536 bytes');
    }
    const absent: unknown = await readKeyring({ key_file: 'none' }, folder).catch((error: unknown) => error);
    expect((absent as AppError).message)
      .to.include(join(folder, 'none'))
      .and.include('ENOENT');
  });
});
