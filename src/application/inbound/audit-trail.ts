import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { Audit, type AuditRecord } from '../ports/audit.js';
import { SecretHasher } from '../ports/secret-hasher.js';
import type { Call, Operation } from './call.js';

/** Writes audit records of calls that were done or refused. */
@scoped(Lifecycle.ContainerScoped)
export class AuditTrail {
  constructor(
    @inject(Audit) private readonly audit: Audit,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
  ) {}

  /** Whether an operation is recorded before its response, soon after it, or not at all. */
  levelOf({ access, changes, audited }: Operation): 'record' | 'note' | undefined {
    if (!changes || access === 'open' || access.allow === 'any') return undefined;
    if (audited || isAdministrative(access)) return 'record';
    return this.audit.dataWrites ? 'note' : undefined;
  }

  /** Reports a successful call. Await it before the response if the operation is administrative. */
  async done(call: Call, caller: Identity): Promise<void> {
    const record = recordOf(nameOf(caller), call, 'done');
    if (this.levelOf(call.operation) === 'record') await this.audit.record(record);
    else this.audit.note(record);
  }

  /** Reports a call that failed with a code. */
  failed(call: Call, code: string): void {
    const { access } = call.operation;
    const refused = code === 'unauthenticated' || code === 'insufficient_scope' || code === 'forbidden';
    const isRefusedRead = refused && access !== 'open' && isAdministrative(access);
    if (!isRefusedRead && this.levelOf(call.operation) === undefined) return;
    this.audit.note(recordOf(this.#presented(call, code), call, code));
  }

  /** A key that was refused proves nothing: its id is only a claim. */
  #presented({ secret }: Call, code: string): string {
    if (!secret) return 'anonymous';
    const keyId = this.hasher.keyIdOf(secret);
    if (code !== 'unauthenticated') return keyId ?? 'a key without an id';
    return keyId === undefined ? 'an unknown key' : `claims to be ${keyId}`;
  }
}

function recordOf(who: string, call: Call, outcome: string): AuditRecord {
  const { operation, project, requestId } = call;
  return { who, act: operation.id, project, address: call.address(), requestId, outcome };
}

function isAdministrative(access: Exclude<Operation['access'], 'open'>): boolean {
  return access.allow === 'system' || (access.allow === 'project' && access.scope === 'admin');
}

function nameOf({ keyId, kind }: Identity): string {
  return keyId ?? (kind === 'anonymous' ? kind : `the primary ${kind} key`);
}
