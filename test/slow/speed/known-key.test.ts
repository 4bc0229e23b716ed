import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { CheckAccess } from '../../../src/application/access/check-access.js';
import type { Logger } from '../../../src/application/ports/logger.js';
import { noRatesElsewhere } from '../../../src/application/ports/registry/rates-elsewhere.js';
import { Argon2Hasher } from '../../../src/infrastructure/security/argon2-hasher.js';
import { generatedKeyId } from '../../../src/infrastructure/security/generated-key.js';
import { MemoryCredentials, primaryCredential } from '../../harness/memory-credentials.js';
import { median, timeOf } from './statistics.js';

const ROUNDS = 21;
const KEYS = 5_000;

describe('The check of an API key', function () {
  this.retries(2);

  /** How many times as long as the SHA-256 of a key, for the same number of keys. */
  async function costOf(check: () => unknown): Promise<number> {
    const secret = 'x'.repeat(60);
    const hash = () => createHash('sha256').update(secret).digest();
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const least = await timeOf(() => repeat(hash));
      ratios.push((await timeOf(() => repeat(check))) / least);
    }
    const ratio = median(ratios);
    console.log(`      ${ratio.toFixed(2)} times a SHA-256`);
    return ratio;
  }

  it('costs about a SHA-256 of the key once the key is known', async () => {
    const hasher = new Argon2Hasher();
    const key = await hasher.newKey();
    const credentials = new MemoryCredentials();
    credentials.list = [primaryCredential('p', key)];
    const quiet = () => undefined;
    const logger: Logger = { error: quiet, warn: quiet, info: quiet, debug: quiet };
    const uses = { of: () => ({ at: undefined }) };
    const access = new CheckAccess(credentials, hasher, { now: () => 1_000_000 }, logger, uses, noRatesElsewhere);
    const check = () => access.execute(key.secret, { allow: 'project', scope: 'read' }, 'p', () => '');
    await check();
    expect(await costOf(check)).to.be.below(4);
  });

  it('costs less than one hash if the key is far too long', async () => {
    const long = `pkv_aaaaaaaa_${'A'.repeat(1_000_000)}`;
    expect(await costOf(() => generatedKeyId(long))).to.be.below(1);
  });
});

function repeat(task: () => unknown): void {
  for (let i = 0; i < KEYS; i++) void task();
}
