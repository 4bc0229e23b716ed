import { stat } from 'node:fs/promises';
import { expect } from 'chai';
import { AppError } from '../../../../src/domain/errors.js';
import { Argon2Hasher, isKnownHash } from '../../../../src/infrastructure/security/argon2-hasher.js';

/** Keys and hashes as Simple-PyKV made them. */
const SIMPLE_PYKV = [
  [
    'duGA21e0jfil-p3E4YASP9QNMA4KJ3Q3eyhYLRv_uso',
    'pbkdf2_sha256$200000$Fu1VF58Y9pUV5A7cgoJLaw$DxaK2QBR-N3AmABBQkRdEEPiBSwOcWB4OftOphiZzfg',
  ],
  [
    'O7JdXISgscCxCRqAeS6k1TEbncRUY9JwSmIiIe8ngCY',
    'pbkdf2_sha256$200000$UubxmEZh3owqJJ05PmrkUQ$8nRV7wz3YXjbWSqTz2QjUxI18LKlB-5pcKLl6QcUTn8',
  ],
  [
    'VPBFp2L51CEau6oNUAydviUtt7PB_O4lMR-V8T27HlM',
    'pbkdf2_sha256$200000$57nr66XXMwKMfMRVR-QGxw$cgWvzXx8tpuluabiqLJsfXcmN6z6VxzV2ds3LXAfu7k',
  ],
] as const;

describe('Argon2Hasher', () => {
  const hasher = new Argon2Hasher();

  it('verifies a new key against its hash and nothing else', async () => {
    const { keyId, secret, hash } = await hasher.newKey();
    expect(hasher.keyIdOf(secret)).to.equal(keyId);
    expect(hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.verify(secret, hash)).to.equal(true);
    expect(await hasher.verify(`${secret}x`, hash)).to.equal(false);
    expect(hasher.isOutdated(hash)).to.equal(false);
  });

  it("verifies Simple-PyKV's hashes and calls them outdated", async () => {
    for (const [secret, hash] of SIMPLE_PYKV) {
      expect(await hasher.verify(secret, hash)).to.equal(true);
      expect(await hasher.verify(`${secret}x`, hash)).to.equal(false);
      expect(hasher.isOutdated(hash)).to.equal(true);
    }
  });

  it('calls an argon2id hash outdated that is weaker, not one that is stronger', () => {
    const hash = (m: number, t: number) => `$argon2id$v=19$m=${m},t=${t},p=1$Sw4XLFbuDke8734bk/Yg+w$RSblRhFgsVDn5cJI`;
    expect(hasher.isOutdated(hash(19_456, 1))).to.equal(true);
    expect(hasher.isOutdated(hash(4096, 3))).to.equal(true);
    expect(hasher.isOutdated(hash(65_536, 3))).to.equal(false);
  });

  it('takes no secret for a hash it does not understand, and says which it does', async () => {
    const { hash } = await hasher.newKey();
    for (const wrong of ['', 'secret', '$argon2id$', `${hash}$`, 'pbkdf2_sha256$0$aa$bb', `${SIMPLE_PYKV[0][1]}=`]) {
      expect(isKnownHash(wrong), wrong).to.equal(false);
      expect(await hasher.verify('secret', wrong)).to.equal(false);
    }
    for (const right of [hash, SIMPLE_PYKV[0][1]]) expect(isKnownHash(right)).to.equal(true);
  });

  it('lets 17 checks in at once, one of them running, and refuses more before any work', async () => {
    const { secret, hash } = await hasher.newKey();
    const accepted = Array.from({ length: 17 }, () => hasher.verify(secret, hash));
    let checked = 0;
    for (const one of accepted) void one.then(() => checked++);
    for (let i = 0; i < 50; i++) {
      const refused = await hasher.verify(secret, hash).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(AppError);
      expect(refused).to.deep.include({ code: 'rate_limited', details: { retry_after: 1 } });
    }
    expect(checked, 'of those that wait').to.be.at.most(1);
    expect(await Promise.all(accepted)).to.deep.equal(Array(17).fill(true));
    expect(await hasher.verify(secret, hash)).to.equal(true);
  });

  it('makes a new key even while strangers fill the queue', async () => {
    const { secret, hash } = await hasher.newKey();
    const flood = Array.from({ length: 17 }, () => hasher.verify(secret, hash));
    expect((await hasher.newKey()).secret).to.match(/^pkv_/);
    await Promise.all(flood);
  });

  it('lets neither the event loop nor the threads that write to the disk wait', async () => {
    const { secret, hash } = await hasher.newKey();
    const hashing = Promise.all(Array.from({ length: 16 }, () => hasher.verify(secret, hash)));
    let done = false;
    void hashing.then(() => {
      done = true;
    });
    const { length } = await Promise.all(Array.from({ length: 16 }, () => stat('.')));
    expect([length, done]).to.deep.equal([16, false]);
    await hashing;
  });

  it('works on after a hash that cannot be made', async () => {
    const { secret, hash } = await hasher.newKey();
    const broken = hash.replace('m=19456', 'm=1');
    expect(await hasher.verify(secret, broken)).to.equal(false);
    expect(await hasher.verify(secret, hash)).to.equal(true);
  });

  it('finds the right secret among others alike', async () => {
    const { secret, hash } = await hasher.newKey();
    expect(await hasher.verifyInConstantCost(secret, hash, [hash, SIMPLE_PYKV[0][1]])).to.equal(true);
    expect(await hasher.verifyInConstantCost(secret, SIMPLE_PYKV[0][1], [hash, SIMPLE_PYKV[0][1]])).to.equal(false);
    expect(await hasher.verifyInConstantCost(secret, undefined, [hash])).to.equal(false);
    expect(await hasher.verifyInConstantCost(secret, hash, [])).to.equal(true);
  });

  it('gives a fingerprint that tells secrets apart and differs in every process', () => {
    expect(hasher.fingerprint('a')).to.equal(hasher.fingerprint('a'));
    expect(hasher.fingerprint('a')).not.to.equal(hasher.fingerprint('b'));
    expect(hasher.fingerprint('a')).not.to.equal(new Argon2Hasher().fingerprint('a'));
  });
});
