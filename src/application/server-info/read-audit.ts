import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { Audit, type AuditPage, type AuditQuery } from '../ports/audit.js';

/** Shows who did what. */
@injectable()
export class ReadAudit {
  constructor(@inject(Audit) private readonly audit: Audit) {}

  /** Latest first. */
  async execute(caller: Identity, query: AuditQuery): Promise<AuditPage> {
    requireAccess(caller, rules.system, undefined);
    return this.audit.read(query);
  }
}
