import { lstat, rm } from 'node:fs/promises';
import { type AddressInfo, connect, type Server } from 'node:net';
import { AppError } from '../domain/errors.js';

/** A host and a port, 0 for a free one; or the path of a socket file. */
export type ListenAddress = string | { readonly host: string; readonly port: number };

/**
 * Resolves with the port once the server listens, 0 for a socket file. Rejects with `unavailable`, naming the reason
 * and the cure.
 */
export async function listen(server: Server, where: ListenAddress): Promise<number> {
  if (typeof where === 'string') await removeUnused(where);
  await new Promise<void>((done, fail) => {
    const onError = (error: NodeJS.ErrnoException) => fail(listenProblem(error, where));
    server.once('error', onError);
    server.listen(where, () => {
      server.off('error', onError);
      done();
    });
  });
  return typeof where === 'string' ? 0 : (server.address() as AddressInfo).port;
}

/** A process that was killed leaves its socket file: removes one on which no process listens. */
async function removeUnused(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isSocket()) return;
  const code = await new Promise<string | undefined>((done) => {
    const probe = connect(path, () => done(undefined));
    probe.on('error', (error: NodeJS.ErrnoException) => done(error.code));
    probe.on('connect', () => probe.destroy());
  });
  if (code === 'ECONNREFUSED') await rm(path, { force: true });
}

/** The IPv4 form of an IPv4 address on an IPv6 socket. */
export function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** A host as it is written in a URL. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function listenProblem(error: NodeJS.ErrnoException, where: ListenAddress): AppError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: inUse(where),
    EACCES: 'that port is not allowed to this user; choose one from 1024 on with --port',
    EADDRNOTAVAIL: 'this machine has no such address; choose one with --host',
    ENOTFOUND: 'there is no such host; choose an address with --host',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  const place = typeof where === 'string' ? where : `${where.host}, port ${where.port}`;
  return new AppError('unavailable', `Cannot listen on ${place}: ${reason}`, { cause: error });
}

function inUse(where: ListenAddress): string {
  if (typeof where === 'string') return 'another program listens there';
  return 'another program uses that port; choose another one (0 for a free one), by --port for the REST API';
}
