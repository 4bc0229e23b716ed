import { inject, injectable } from 'tsyringe';
import { CreateApiKey, type IssuedKey } from '../../../application/api-keys/create-api-key.js';
import { DeleteApiKey } from '../../../application/api-keys/delete-api-key.js';
import { ListApiKeys } from '../../../application/api-keys/list-api-keys.js';
import { RotateApiKey } from '../../../application/api-keys/rotate-api-key.js';
import { PRIMARY } from '../../../application/api-keys/secondary-key.js';
import type { Credential } from '../../../domain/api-key.js';
import { projectOf } from '../request/path-values.js';
import { UNCACHED } from '../response/cache-control.js';
import type { Reply } from '../response/reply.js';
import type { ApiRequest } from '../routing/route.js';
import { readGrace, readNewKey } from './api-key.bodies.js';

/** API keys of a project, and what the presented one is. */
@injectable()
export class ApiKeyHandlers {
  constructor(
    @inject(ListApiKeys) private readonly listApiKeys: ListApiKeys,
    @inject(CreateApiKey) private readonly createApiKey: CreateApiKey,
    @inject(RotateApiKey) private readonly rotateApiKey: RotateApiKey,
    @inject(DeleteApiKey) private readonly deleteApiKey: DeleteApiKey,
  ) {}

  readonly list = (request: ApiRequest): Reply => {
    const project = projectOf(request);
    const keys = this.listApiKeys
      .execute(request.caller, project)
      .map(({ key, lastUsedAt }) => keyJson(key, lastUsedAt));
    return {
      status: 200,
      data: JSON.stringify(keys),
      message: `API keys of project '${project}' fetched successfully`,
    };
  };

  readonly create = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const issued = await this.createApiKey.execute(request.caller, project, readNewKey(request.body));
    const message = 'API key created successfully. Store the returned API key securely as it may not be shown again.';
    return issuedReply(issued, message);
  };

  readonly rotate = async (request: ApiRequest): Promise<Reply> => {
    const grace = readGrace(request.body);
    const issued = await this.rotateApiKey.execute(request.caller, projectOf(request), idOf(request), grace);
    const message =
      `API key '${idOf(request)}' rotated successfully. ` +
      'Store the returned API key securely as it may not be shown again.';
    return issuedReply(issued, message);
  };

  readonly delete = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    await this.deleteApiKey.execute(request.caller, project, idOf(request));
    return { status: 200, message: `API key '${idOf(request)}' deleted successfully from project '${project}'` };
  };

  readonly whoAmI = ({ caller }: ApiRequest): Reply => {
    const { kind, keyId = null, name, project = null, scopes, prefix = null, expiresAt } = caller;
    const shown = { kind, id: keyId, name, project, scopes, prefix, expires_at: seconds(expiresAt) };
    return { status: 200, headers: UNCACHED, data: JSON.stringify(shown), message: 'API key recognised' };
  };
}

function issuedReply({ key, secret, lastUsedAt }: IssuedKey, message: string): Reply {
  const { id, ...rest } = keyJson(key, lastUsedAt);
  return { status: 201, headers: UNCACHED, data: JSON.stringify({ id, key: secret, ...rest }), message };
}

/** A key without its secret; times in seconds. */
function keyJson(key: Credential, lastUsedAt: number | undefined) {
  return {
    id: key.keyId ?? PRIMARY,
    name: key.name,
    primary: key.primary,
    scopes: key.scopes,
    prefix: key.prefix ?? null,
    created_at: seconds(key.createdAt),
    expires_at: seconds(key.expiresAt),
    last_used_at: seconds(lastUsedAt),
    previous_expires_at: seconds(key.previous?.until),
  };
}

function idOf(request: ApiRequest): string {
  return request.path.id as string;
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}
