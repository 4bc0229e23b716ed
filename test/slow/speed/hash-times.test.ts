import { expect } from 'chai';
import { Argon2Hasher } from '../../../src/infrastructure/security/argon2-hasher.js';
import { median, timeOf } from './statistics.js';

const PBKDF2 = 'pbkdf2_sha256$200000$UubxmEZh3owqJJ05PmrkUQ$8nRV7wz3YXjbWSqTz2QjUxI18LKlB-5pcKLl6QcUTn8';

describe('The verification of a secret', function () {
  this.retries(2);
  const hasher = new Argon2Hasher();
  let hash: string;
  let secret: string;
  before(async () => {
    ({ hash, secret } = await hasher.newKey());
  });

  it('takes as long without a hash as with one, of whatever kind', async () => {
    const times: Record<'argon2' | 'pbkdf2' | 'none', number[]> = { argon2: [], pbkdf2: [], none: [] };
    const alike = [hash, PBKDF2];
    for (let i = 0; i < 15; i++) {
      times.argon2.push(await timeOf(() => hasher.verifyInConstantCost('wrong', hash, alike)));
      times.pbkdf2.push(await timeOf(() => hasher.verifyInConstantCost('wrong', PBKDF2, alike)));
      times.none.push(await timeOf(() => hasher.verifyInConstantCost('wrong', undefined, alike)));
    }
    expect(median(times.none) / median(times.argon2)).to.be.within(0.7, 1.4);
    expect(median(times.none) / median(times.pbkdf2)).to.be.within(0.7, 1.4);
  });

  it('takes as long if it is only pretended, for any number at once', async () => {
    const times: Record<'wrong' | 'dummy', number[]> = { wrong: [], dummy: [] };
    for (let i = 0; i < 60; i++) {
      times.wrong.push(await timeOf(() => hasher.verify('wrong', hash)));
      times.dummy.push(await timeOf(() => hasher.verifyDummy()));
    }
    // A verification that is left out would take a hundredth.
    expect(median(times.dummy) / median(times.wrong)).to.be.within(0.5, 2);
    const many = await timeOf(() => Promise.all(Array.from({ length: 1000 }, () => hasher.verifyDummy())));
    expect(many / median(times.wrong)).to.be.below(100);
  });

  it('is refused at once while too many others wait', async () => {
    const one = await timeOf(() => hasher.verify(secret, hash));
    const accepted = Array.from({ length: 17 }, () => hasher.verify(secret, hash));
    const refused = await timeOf(async () => {
      for (let i = 0; i < 50; i++) await hasher.verify(secret, hash).catch(() => undefined);
    });
    expect(await Promise.all(accepted)).to.deep.equal(Array(17).fill(true));
    expect(refused / one, '50 refusals in the time of verifications').to.be.below(2);
  });
});
