import { expect } from 'chai';
import type { AccessRule } from '../../../../src/application/access/access-rules.js';
import { authorize, covers } from '../../../../src/application/access/authorize.js';
import { anonymousOf, type Identity, SCOPES, type Scope } from '../../../../src/domain/api-key.js';
import { AppError } from '../../../../src/domain/errors.js';

function identity(project: string | undefined, scopes: readonly Scope[] = SCOPES, prefix?: string): Identity {
  const kind = project === undefined ? 'system' : 'project';
  return { kind, keyId: 'abcdefgh', project, scopes, prefix, expiresAt: undefined, name: 'test' };
}

function outcome(who: Identity, rule: AccessRule, project: string | undefined): string {
  try {
    authorize(who, rule, project);
    return 'ok';
  } catch (error) {
    expect(error).to.be.instanceOf(AppError);
    return (error as AppError).code;
  }
}

describe('authorize', () => {
  const system: AccessRule = { allow: 'system' };
  const entries: AccessRule = { allow: 'project', scope: 'read' };
  const shared: AccessRule = { allow: 'project', scope: 'admin', orSystem: true };
  const any: AccessRule = { allow: 'any' };
  const cases: readonly [string, Identity, readonly [string, string, string, string]][] = [
    ['the system key', identity(undefined), ['ok', 'insufficient_scope', 'ok', 'ok']],
    ['a key of the project', identity('p'), ['insufficient_scope', 'ok', 'ok', 'ok']],
    ['a reader of the project', identity('p', ['read']), ['insufficient_scope', 'ok', 'insufficient_scope', 'ok']],
    [
      'a writer of the project',
      identity('p', ['write']),
      ['insufficient_scope', 'insufficient_scope', 'insufficient_scope', 'ok'],
    ],
    ['a key of another project', identity('q'), ['insufficient_scope', 'unauthenticated', 'unauthenticated', 'ok']],
    ['anyone, keys not asked for by the project', anonymousOf('p'), ['unauthenticated', 'ok', 'ok', 'ok']],
    ['anyone, keys not asked for by the system', anonymousOf(undefined), ['ok', 'unauthenticated', 'ok', 'ok']],
  ];
  for (const [name, who, [onSystem, onEntries, onShared, onAny]] of cases) {
    it(`allows ${name} what it may do, and nothing else`, () => {
      expect(outcome(who, system, undefined)).to.equal(onSystem);
      expect(outcome(who, system, 'p')).to.equal(onSystem);
      expect(outcome(who, entries, 'p')).to.equal(onEntries);
      expect(outcome(who, shared, 'p')).to.equal(onShared);
      expect(outcome(who, any, undefined)).to.equal(onAny);
    });
  }

  it('names the scope that is missing', () => {
    expect(() => authorize(identity('p', ['read']), { allow: 'project', scope: 'delete' }, 'p'))
      .to.throw(AppError)
      .with.deep.property('details', { required_scope: 'delete' });
  });

  it('names the kind of key that is needed', () => {
    const needs = (who: Identity, rule: AccessRule) => {
      try {
        authorize(who, rule, 'p');
      } catch (error) {
        return (error as AppError).details?.required_scope;
      }
    };
    expect([needs(identity(undefined), entries), needs(identity('p'), system)]).to.deep.equal(['project', 'system']);
  });

  it('refuses every key if a route forgot its project', () => {
    expect(outcome(identity(undefined), entries, undefined)).to.equal('insufficient_scope');
    for (const who of [identity('p'), anonymousOf(undefined)]) {
      expect(outcome(who, entries, undefined)).to.equal('unauthenticated');
    }
  });
});

describe('covers', () => {
  it('is true for every entry without a prefix, and else for those that begin with it', () => {
    expect(covers(identity('p'), 'x')).to.equal(true);
    expect(covers(identity('p', SCOPES, 'iot/7/'), 'iot/7/t')).to.equal(true);
    expect(covers(identity('p', SCOPES, 'iot/7/'), 'iot/77')).to.equal(false);
    expect(covers(identity('p', SCOPES, 'iot/7/'), 'iot/7')).to.equal(false);
  });
});
