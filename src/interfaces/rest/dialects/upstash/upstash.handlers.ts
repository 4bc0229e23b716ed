import { inject, injectable } from 'tsyringe';
import { InboundPipeline } from '../../../../application/inbound/inbound-pipeline.js';
import { AppError } from '../../../../domain/errors.js';
import { type Arguments, isWrite, type Session } from '../../../redis-commands/command.js';
import { findCommand, RedisCommands } from '../../../redis-commands/redis-commands.js';
import type { Reply as CommandReply } from '../../../redis-commands/reply.js';
import { projectOf } from '../../request/path-values.js';
import { HttpError } from '../../response/http-error.js';
import type { Reply } from '../../response/reply.js';
import type { ApiRequest } from '../../routing/route.js';
import { commandOf, commandOfTarget, commandsOf } from './command-body.js';
import { type Encoding, replyJson } from './reply-json.js';

/** Commands of Redis as Upstash's REST API takes them. */
@injectable()
export class UpstashHandlers {
  constructor(
    @inject(RedisCommands) private readonly commands: RedisCommands,
    @inject(InboundPipeline) private readonly inbound: InboundPipeline,
  ) {}

  /** The command is the body. */
  readonly run = (request: ApiRequest): Promise<Reply> => this.#run(request, commandOf(request.body));

  /** The command is the path, with the body as its last argument; below `/upstash/PROJECT/` itself it is the body. */
  readonly runPath = (request: ApiRequest): Promise<Reply> => {
    const { method, target, path, body, caller } = request;
    if (path.command === '' && method === 'POST') return this.run(request);
    const args = commandOfTarget(target, body);
    // A page of any site can make a browser send a GET; without a key nothing else would stop it.
    const command = findCommand(args);
    if (method !== 'POST' && caller.kind === 'anonymous' && command !== undefined && isWrite(command)) {
      throw new HttpError('method_not_allowed', `A command that changes data must be sent by POST, not by ${method}`, {
        allow: 'POST',
      });
    }
    return this.#run(request, args);
  };

  /** Each command on its own, in order. */
  readonly runPipeline = async (request: ApiRequest): Promise<Reply> => {
    const replies = await this.commands.executePipeline(
      sessionOf(request),
      commandsOf(request.body).map((args) => ({ args })),
    );
    for (const reply of replies) {
      if (reply.type === 'error' && reply.cause !== undefined) this.inbound.failed(request.call, reply.cause);
    }
    return jsonReply(arrayJson(replies, encodingOf(request)));
  };

  /** All commands at one moment. */
  readonly runTransaction = async (request: ApiRequest): Promise<Reply> => {
    const reply = await this.commands.executeTransaction(sessionOf(request), commandsOf(request.body));
    if (reply.type !== 'array') return single(reply, request);
    return jsonReply(arrayJson(reply.items, encodingOf(request)));
  };

  async #run(request: ApiRequest, args: Arguments): Promise<Reply> {
    return single(await this.commands.execute(sessionOf(request), args), request);
  }
}

/** The reply of one command. Throws an error of PortKV, whose status is that of every route. */
function single(reply: CommandReply, request: ApiRequest): Reply {
  if (reply.type === 'error' && reply.cause !== undefined) {
    const { code, details = {}, isPermanent } = reply.cause;
    throw new AppError(code, reply.message, { details, isPermanent, cause: reply.cause });
  }
  return jsonReply(replyJson(reply, encodingOf(request)), reply.type === 'error' ? 400 : 200);
}

function arrayJson(replies: readonly CommandReply[], encoding: Encoding): string {
  return `[${replies.map((reply) => replyJson(reply, encoding)).join(',')}]`;
}

function jsonReply(body: string, status = 200): Reply {
  return { status, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }, body };
}

function sessionOf(request: ApiRequest): Session {
  return { caller: request.caller, project: projectOf(request) };
}

function encodingOf({ headers }: ApiRequest): Encoding {
  return headers['upstash-encoding'] === 'base64' ? 'base64' : 'utf8';
}
