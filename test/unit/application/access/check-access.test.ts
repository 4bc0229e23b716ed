import { expect } from 'chai';
import type { AccessRule } from '../../../../src/application/access/access-rules.js';
import { CheckAccess } from '../../../../src/application/access/check-access.js';
import type { Logger } from '../../../../src/application/ports/logger.js';
import type { KeyUsage, LastUse } from '../../../../src/application/ports/registry/key-usage.js';
import { noRatesElsewhere } from '../../../../src/application/ports/registry/rates-elsewhere.js';
import { type Credential, type Identity, type NewKey, SCOPES } from '../../../../src/domain/api-key.js';
import { AppError } from '../../../../src/domain/errors.js';
import { Argon2Hasher } from '../../../../src/infrastructure/security/argon2-hasher.js';
import { MemoryCredentials, primaryCredential } from '../../../harness/memory-credentials.js';

const OLD_SECRET = 'O7JdXISgscCxCRqAeS6k1TEbncRUY9JwSmIiIe8ngCY';
const OLD_HASH = 'pbkdf2_sha256$200000$UubxmEZh3owqJJ05PmrkUQ$8nRV7wz3YXjbWSqTz2QjUxI18LKlB-5pcKLl6QcUTn8';
const NOWHERE = () => '';
const READ: AccessRule = { allow: 'project', scope: 'read' };
const SYSTEM: AccessRule = { allow: 'system' };
const SHARED: AccessRule = { allow: 'project', scope: 'admin', orSystem: true };
const ANY: AccessRule = { allow: 'any' };

class CountingHasher extends Argon2Hasher {
  verifications = 0;
  fingerprints = 0;
  override fingerprint(secret: string) {
    this.fingerprints++;
    return super.fingerprint(secret);
  }
  override verify(secret: string, hash: string) {
    this.verifications++;
    return super.verify(secret, hash);
  }
  override verifyInConstantCost(secret: string, hash: string | undefined, alike: readonly string[]) {
    this.verifications++;
    return super.verifyInConstantCost(secret, hash, alike);
  }
}

describe('CheckAccess', () => {
  let credentials: MemoryCredentials;
  let hasher: CountingHasher;
  let access: CheckAccess;
  let now: number;
  let warnings: string[];
  let uses: KeyUsage & { readonly list: Map<string | undefined, LastUse> };
  let p: NewKey;
  let system: NewKey;

  before(async () => {
    const maker = new Argon2Hasher();
    p = await maker.newKey();
    system = await maker.newKey();
  });

  beforeEach(() => {
    now = 1_000_000;
    warnings = [];
    const quiet = () => {};
    const logger: Logger = { error: quiet, info: quiet, debug: quiet, warn: (_, message) => warnings.push(message) };
    credentials = new MemoryCredentials();
    credentials.list = [primaryCredential('p', p), primaryCredential(undefined, system)];
    const list = new Map<string | undefined, LastUse>();
    uses = {
      list,
      of: ({ keyId }) => {
        const use = list.get(keyId) ?? { at: undefined };
        list.set(keyId, use);
        return use;
      },
    };
    hasher = new CountingHasher();
    access = new CheckAccess(credentials, hasher, { now: () => now }, logger, uses, noRatesElsewhere);
  });

  async function outcome(
    secret: string | undefined,
    rule: AccessRule,
    project?: string,
    address = NOWHERE,
  ): Promise<string> {
    try {
      const { kind, project: owner } = await access.execute(secret, rule, project, address);
      return `${kind} ${owner ?? ''}`.trim();
    } catch (error) {
      expect(error).to.be.instanceOf(AppError);
      return (error as AppError).code;
    }
  }

  function change(keyId: string, changes: Partial<Credential>) {
    credentials.list = credentials.list.map((one) => (one.keyId === keyId ? { ...one, ...changes } : one));
  }

  async function settled(done: () => boolean) {
    for (let i = 0; i < 200 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(done()).to.equal(true);
  }

  describe('a generated key', () => {
    it('is verified once, and then recognised synchronously', async () => {
      expect(await outcome(p.secret, READ, 'p')).to.equal('project p');
      const identity = access.execute(p.secret, READ, 'p', NOWHERE);
      expect(identity).not.to.be.instanceOf(Promise);
      expect((identity as Identity).keyId).to.equal(p.keyId);
      expect(hasher.verifications).to.equal(1);
    });

    it('leaves the time of its last use', async () => {
      await outcome('pkv_wrong', READ, 'p');
      expect(uses.list.get(p.keyId)).to.equal(undefined);
      await outcome(p.secret, READ, 'p');
      now += 5;
      await outcome(p.secret, READ, 'p');
      expect(uses.list.get(p.keyId)?.at).to.equal(now);
    });

    it('is not looked up again by a connection that knows whom it proved, while nothing changed', async () => {
      const before = await access.execute(p.secret, READ, 'p', NOWHERE);
      const again = () => access.execute(p.secret, READ, 'p', NOWHERE, before);
      const { fingerprints } = hasher;
      now += 5;
      expect(again()).to.equal(before);
      expect(hasher.fingerprints).to.equal(fingerprints);
      expect(uses.list.get(p.keyId)?.at).to.equal(now);
      change(p.keyId, { expiresAt: now + 10 });
      expect(again()).to.include({ keyId: p.keyId, expiresAt: now + 10 });
      const { hash } = await hasher.newKey();
      change(p.keyId, { hash });
      expect(await Promise.resolve(again()).catch(({ code }) => code)).to.equal('unauthenticated');
    });

    it('is verified once for many concurrent requests', async () => {
      const all = await Promise.all(Array.from({ length: 100 }, () => outcome(p.secret, READ, 'p')));
      expect(new Set(all)).to.deep.equal(new Set(['project p']));
      expect(hasher.verifications).to.equal(1);
    });

    it('opens only its own project, before and after it is in the cache', async () => {
      for (let round = 0; round < 2; round++) {
        expect(await outcome(p.secret, READ, 'q')).to.equal('unauthenticated');
        expect(await outcome(p.secret, SYSTEM)).to.equal('insufficient_scope');
        expect(await outcome(system.secret, READ, 'p')).to.equal('insufficient_scope');
        expect(await outcome(p.secret, SHARED, 'p')).to.equal('project p');
        expect(await outcome(system.secret, SHARED, 'p')).to.equal('system');
        expect(await outcome(system.secret, SYSTEM)).to.equal('system');
        expect(await outcome(p.secret, ANY)).to.equal('project p');
      }
    });

    it('costs no hash if it is missing, malformed or unknown', async () => {
      const { secret: unknown } = await hasher.newKey();
      const malformed = `${p.secret.slice(0, -1)}${p.secret.endsWith('A') ? 'B' : 'A'}`;
      for (const wrong of [undefined, '', 'pkv_', malformed, unknown, 'x'.repeat(5000)]) {
        expect(await outcome(wrong, READ, 'p')).to.equal('unauthenticated');
        expect(await outcome(wrong, SYSTEM)).to.equal('unauthenticated');
        expect(await outcome(wrong, ANY)).to.equal('unauthenticated');
      }
      expect(hasher.verifications).to.equal(0);
    });

    it('is refused, and not cached, with the id of one key and the secret of another', async () => {
      change(p.keyId, { hash: system.hash });
      expect(await outcome(p.secret, READ, 'p')).to.equal('unauthenticated');
      expect(await outcome(p.secret, READ, 'p')).to.equal('unauthenticated');
      expect(hasher.verifications).to.equal(2);
    });

    it('is refused as soon as it is replaced or its project deleted, also while it is being verified', async () => {
      await outcome(p.secret, READ, 'p');
      const fresh = await hasher.newKey();
      await credentials.replacePrimary('p', fresh);
      expect(await outcome(p.secret, READ, 'p')).to.equal('unauthenticated');
      const slow = outcome(fresh.secret, READ, 'p');
      credentials.list = [];
      expect(await slow).to.equal('unauthenticated');
      expect(await outcome(fresh.secret, READ, 'p')).to.equal('unauthenticated');
    });

    it('is refused from the instant it expires, also if it is in the cache', async () => {
      change(p.keyId, { expiresAt: now + 10 });
      expect(await outcome(p.secret, READ, 'p')).to.equal('project p');
      now += 9;
      expect(await outcome(p.secret, READ, 'p')).to.equal('project p');
      now += 1;
      expect(await outcome(p.secret, READ, 'p')).to.equal('unauthenticated');
    });

    it('has new rights at its next use, without a new verification', async () => {
      await outcome(p.secret, READ, 'p');
      change(p.keyId, { scopes: ['list'] });
      expect(await outcome(p.secret, READ, 'p')).to.equal('insufficient_scope');
      change(p.keyId, { scopes: SCOPES, expiresAt: now + 5 });
      expect(await outcome(p.secret, READ, 'p')).to.equal('project p');
      now += 5;
      expect(await outcome(p.secret, READ, 'p')).to.equal('unauthenticated');
      expect(hasher.verifications).to.equal(2);
    });

    it('works after a rotation until its grace period is over', async () => {
      await outcome(p.secret, READ, 'p');
      change(p.keyId, { hash: system.hash, previous: { hash: p.hash, until: now + 10 } });
      expect(await outcome(p.secret, READ, 'p')).to.equal('project p');
      now += 10;
      expect(await outcome(p.secret, READ, 'p')).to.equal('unauthenticated');
      now -= 5;
      expect(await outcome(p.secret, READ, 'p'), 'within the grace period').to.equal('project p');
    });
  });

  describe('a secret without an id', () => {
    beforeEach(() => {
      credentials.list.push({ ...primaryCredential('old', p), keyId: undefined, hash: OLD_HASH });
    });

    it('opens only the project that has it, and gets an argon2id hash in the background', async () => {
      expect(await outcome(OLD_SECRET, READ, 'p')).to.equal('unauthenticated');
      expect(await outcome(OLD_SECRET, SYSTEM)).to.equal('unauthenticated');
      expect(await outcome(OLD_SECRET, READ, 'old')).to.equal('project old');
      await settled(() => credentials.primaryOf('old')?.hash.startsWith('$argon2id$') ?? false);
      const before = hasher.verifications;
      await settled(() => !(access.execute(OLD_SECRET, READ, 'old', NOWHERE) instanceof Promise));
      expect(await outcome(OLD_SECRET, READ, 'p')).to.equal('unauthenticated');
      expect(hasher.verifications).to.equal(before + 1);
    });

    it('still works if its new hash cannot be saved', async () => {
      credentials.broken = true;
      expect(await outcome(OLD_SECRET, READ, 'old')).to.equal('project old');
      await settled(() => warnings.length > 0);
      expect(warnings[0]).to.match(/could not be saved/);
      expect(await outcome(OLD_SECRET, READ, 'old')).to.equal('project old');
    });

    it('is verified whether the project exists or not', async () => {
      for (const project of ['old', 'p', 'nowhere']) {
        const before = hasher.verifications;
        expect(await outcome('wrong', READ, project)).to.equal('unauthenticated');
        expect(hasher.verifications, project).to.equal(before + 1);
      }
    });

    it('may be the system key on routes that allow it', async () => {
      credentials.list = [
        { ...primaryCredential(undefined, system), keyId: undefined, hash: await hasher.hash('by hand') },
      ];
      expect(await outcome('by hand', SHARED, 'p')).to.equal('system');
      expect(access.execute('by hand', SHARED, 'q', NOWHERE)).not.to.be.instanceOf(Promise);
      expect(access.execute('by hand', SYSTEM, undefined, NOWHERE)).not.to.be.instanceOf(Promise);
      expect(await outcome('by hand', READ, 'p')).to.equal('insufficient_scope');
    });

    it('of the wrong kind is refused with the reason, before and after it is in the cache', async () => {
      const byHand = { ...primaryCredential(undefined, system), keyId: undefined, hash: await hasher.hash('by hand') };
      credentials.list = [byHand, { ...primaryCredential('old', p), keyId: undefined, hash: OLD_HASH }];
      for (let round = 0; round < 20; round++) {
        expect(await outcome('by hand', READ, 'p')).to.equal('insufficient_scope');
        expect(await outcome(OLD_SECRET, SYSTEM, 'old')).to.equal('insufficient_scope');
        expect(await outcome(OLD_SECRET, SHARED, 'p')).to.equal('unauthenticated');
        now += 60_000;
      }
    });

    it('costs the same on a route of the system whether the project exists or not', async () => {
      for (const project of ['old', 'p', 'nowhere']) {
        const before = hasher.verifications;
        expect(await outcome('wrong', SYSTEM, project)).to.equal('unauthenticated');
        expect(hasher.verifications, project).to.equal(before + 2);
      }
    });

    it('may be the same for two projects', async () => {
      credentials.list.push({ ...primaryCredential('other', p), keyId: undefined, hash: OLD_HASH });
      expect(await outcome(OLD_SECRET, READ, 'old')).to.equal('project old');
      expect(await outcome(OLD_SECRET, READ, 'other')).to.equal('project other');
    });
  });

  it('needs no key exactly if authentication is off', async () => {
    credentials.open = ['p'];
    expect(await outcome(undefined, READ, 'p')).to.equal('anonymous p');
    expect(await outcome('garbage', READ, 'p')).to.equal('anonymous p');
    expect(await outcome(undefined, READ, 'q')).to.equal('unauthenticated');
    expect(await outcome(undefined, SYSTEM, 'p')).to.equal('unauthenticated');
    expect(await outcome(system.secret, SHARED, 'p'), 'the system key has more rights').to.equal('system');
    expect(await outcome(p.secret, SHARED, 'p')).to.equal('anonymous p');
    credentials.open = [undefined];
    expect(await outcome(undefined, SYSTEM)).to.equal('anonymous');
    expect(await outcome(undefined, SHARED, 'p')).to.equal('anonymous');
    expect(await outcome(undefined, READ, 'p')).to.equal('unauthenticated');
    expect(await outcome(undefined, ANY)).to.equal('anonymous');
    expect(await outcome(p.secret, ANY)).to.equal('project p');
  });

  it('refuses with rate_limited if too many secrets wait, but not a known key', async () => {
    await outcome(p.secret, READ, 'p');
    const flood = Array.from({ length: 60 }, (_, i) => outcome(`wrong ${i}`, READ, 'p', () => `address ${i}`));
    expect(access.execute(p.secret, READ, 'p', NOWHERE)).not.to.be.instanceOf(Promise);
    const answers = await Promise.all(flood);
    expect(answers.filter((one) => one === 'unauthenticated')).to.have.length(17);
    expect(answers.filter((one) => one === 'rate_limited')).to.have.length(43);
  });

  it('limits concurrent wrong secrets like those one after another, but not right ones', async () => {
    const before = hasher.verifications;
    const right = Array.from({ length: 30 }, () => outcome(p.secret, READ, 'p'));
    const wrong = Array.from({ length: 30 }, (_, i) => outcome(`wrong ${i}`, READ, 'p'));
    expect(new Set(await Promise.all(right))).to.deep.equal(new Set(['project p']));
    const answers = await Promise.all(wrong);
    expect(answers.filter((one) => one === 'unauthenticated')).to.have.length(10);
    expect(answers.filter((one) => one === 'rate_limited')).to.have.length(20);
    expect(hasher.verifications).to.equal(before + 11);
  });

  it('limits wrong secrets of one address for made-up projects to 100 a minute', async () => {
    const outcomes: string[] = [];
    for (let i = 0; i < 102; i++) outcomes.push(await outcome('wrong', READ, `made up ${i}`));
    expect(outcomes.filter((one) => one === 'unauthenticated')).to.have.length(100);
    expect(outcomes.slice(-2)).to.deep.equal(['rate_limited', 'rate_limited']);
    expect(await outcome('wrong', READ, 'p', () => 'elsewhere')).to.equal('unauthenticated');
    expect(await outcome(p.secret, READ, 'p')).to.equal('project p');
  });
});
