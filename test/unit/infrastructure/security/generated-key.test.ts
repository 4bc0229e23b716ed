import { expect } from 'chai';
import { generatedKeyId, generateKey } from '../../../../src/infrastructure/security/generated-key.js';

describe('generateKey', () => {
  it('makes keys of the form pkv_<id>_<random><checksum>, from which the id can be read', () => {
    const { keyId, secret } = generateKey();
    expect(secret).to.match(/^pkv_[a-z2-7]{8}_[A-Za-z0-9_-]{49}$/);
    expect(secret.slice(4, 12)).to.equal(keyId);
    expect(generatedKeyId(secret)).to.equal(keyId);
  });

  it('never makes the same key twice', () => {
    const secrets = new Set(Array.from({ length: 1000 }, () => generateKey().secret));
    expect(secrets.size).to.equal(1000);
  });

  it('recognizes no key with a character changed, cut off or added', () => {
    const { secret } = generateKey();
    for (let i = 0; i < secret.length; i++) {
      const other = secret[i] === 'b' ? 'c' : 'b';
      expect(generatedKeyId(secret.slice(0, i) + other + secret.slice(i + 1)), `character ${i}`).to.equal(undefined);
    }
    for (const wrong of [secret.slice(0, -1), `${secret}A`, ` ${secret}`, `${secret}\n`, 'pkv_', '']) {
      expect(generatedKeyId(wrong), wrong).to.equal(undefined);
    }
  });
});
