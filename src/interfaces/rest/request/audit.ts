import type { IncomingMessage } from 'node:http';
import { inject, injectable } from 'tsyringe';
import { Audit, type AuditRecord } from '../../../application/ports/audit.js';
import { SecretHasher } from '../../../application/ports/secret-hasher.js';
import { ServerSettings } from '../../../application/ports/server-settings.js';
import type { Identity } from '../../../domain/api-key.js';
import type { AppError } from '../../../domain/errors.js';
import type { Route } from '../routing/route.js';
import { apiKeyOf } from './api-key-header.js';
import { clientAddresses } from './client-address.js';

/** Tells the audit what a request did or was refused. */
@injectable()
export class RequestAudit {
  readonly #addressOf: (request: IncomingMessage) => string;

  constructor(
    @inject(Audit) private readonly audit: Audit,
    @inject(SecretHasher) private readonly hasher: SecretHasher,
    @inject(ServerSettings) { trustedProxies }: ServerSettings,
  ) {
    this.#addressOf = clientAddresses(trustedProxies);
  }

  /** Whether what the route did has to be on record before the answer, or will be noted, or neither. */
  concerns({ access, method }: Route): 'record' | 'note' | undefined {
    if (method === 'GET' || access === 'open' || access.allow === 'any') return undefined;
    if (isAdministrative(access)) return 'record';
    return this.audit.dataWrites ? 'note' : undefined;
  }

  /** An act that was done: to be awaited before the answer where it is administrative. */
  async done(route: Route, project: string | undefined, request: IncomingMessage, identity: Identity): Promise<void> {
    const record = this.#recordOf(nameOf(identity), route, project, request, 'done');
    if (this.concerns(route) === 'record') await this.audit.record(record);
    else this.audit.note(record);
  }

  /** An act that failed, or a look at what is the administrators' that was refused. */
  failed(route: Route, project: string | undefined, request: IncomingMessage, { code }: AppError): void {
    const refused = code === 'unauthenticated' || code === 'insufficient_scope' || code === 'forbidden';
    const { access } = route;
    const secret = refused && access !== 'open' && isAdministrative(access);
    if (!secret && this.concerns(route) === undefined) return;
    this.audit.note(this.#recordOf(this.#presented(request, code), route, project, request, code));
  }

  /** A key that was not let in proves nothing, so its id is only what was claimed. */
  #presented({ headers }: IncomingMessage, code: AppError['code']): string {
    const secret = apiKeyOf(headers);
    if (!secret) return 'anonymous';
    const keyId = this.hasher.keyIdOf(secret);
    if (code !== 'unauthenticated') return keyId ?? 'a key without an id';
    return keyId === undefined ? 'an unknown key' : `claims to be ${keyId}`;
  }

  #recordOf(
    who: string,
    route: Route,
    project: string | undefined,
    request: IncomingMessage,
    outcome: string,
  ): AuditRecord {
    const requestId = request.headers['x-request-id'] as string;
    return { who, act: route.id, project, address: this.#addressOf(request), requestId, outcome };
  }
}

function isAdministrative(access: Exclude<Route['access'], 'open'>): boolean {
  return access.allow === 'system' || (access.allow === 'project' && access.scope === 'admin');
}

function nameOf({ keyId, kind }: Identity): string {
  return keyId ?? (kind === 'anonymous' ? kind : `the primary ${kind} key`);
}
