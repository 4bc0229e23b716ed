import { X509Certificate } from 'node:crypto';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest, type RequestOptions as TlsOptions } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkServerIdentity, rootCertificates } from 'node:tls';
import { AppError } from '../../../domain/errors.js';
import { UnreachableError } from './unreachable-error.js';

/** Where the API is. */
export type ServerAddress =
  | {
      /** With the path that a proxy may put before `/api/v1`. */
      readonly url: string;
      /** The certificate of an https server in PEM, if known. It is trusted regardless of issuer and host name. */
      readonly certificate?: Buffer;
    }
  | {
      /** A socket file on this machine. */
      readonly socketPath: string;
      /** The address of the API once the server runs for other clients. */
      readonly address: string;
      /** The engine whose data is lost when this server ends, which is when this command ends. */
      readonly volatileEngine: string;
    };

export type RequestBody = Readable | Buffer | string | undefined;

/** Sends a request and resolves with the response, its body still to be read. Rejects with `UnreachableError`. */
export function exchange(
  server: ServerAddress,
  path: string,
  options: RequestOptions,
  body: RequestBody,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = newRequest(server, path, options);
    request.on('response', resolve);
    request.on('error', (error) => reject(connectionError(server, error)));
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) request.end(body);
    // The server may respond before the whole body is sent, and close: then the response gives the reason. So an
    // error counts here only if reading the body failed.
    else pipeline(body, request).catch((error) => body.errored && reject(unreadable(error)));
  });
}

/** The error for a body that cannot be read here: a damaged one, or one that the system does not give. */
function unreadable(cause: Error): AppError {
  if (cause instanceof AppError) return cause;
  const code = 'syscall' in cause ? 'unavailable' : 'invalid';
  return new AppError(code, `What should be sent cannot be read: ${cause.message}`, { cause });
}

/** How messages call the server. */
export function nameOf(server: ServerAddress): string {
  return `The server at ${'url' in server ? server.url : server.socketPath}`;
}

function newRequest(server: ServerAddress, path: string, options: RequestOptions): ClientRequest {
  if ('socketPath' in server) return httpRequest({ ...options, socketPath: server.socketPath, path });
  const url = new URL(server.url);
  // As it is: a URL would take `..` in it, also if it is encoded, for the folder above.
  const target = { ...options, path: url.pathname.replace(/\/+$/, '') + path };
  if (url.protocol !== 'https:') return httpRequest(url, target);
  return httpsRequest(url, { ...target, ...(server.certificate === undefined ? {} : trusting(server.certificate)) });
}

/**
 * Trusts the usual issuers and this certificate. The host name does not matter if the server shows exactly this one.
 */
function trusting(certificate: Buffer): TlsOptions {
  const { fingerprint256 } = new X509Certificate(certificate);
  return {
    ca: [...rootCertificates, certificate.toString()],
    checkServerIdentity: (host, peer) =>
      peer.fingerprint256 === fingerprint256 ? undefined : checkServerIdentity(host, peer),
  };
}

function connectionError(server: ServerAddress, cause: NodeJS.ErrnoException): UnreachableError {
  const code = cause.code ?? '';
  // An error for several addresses of a host has no message of its own.
  // That of OpenSSL has its source lines.
  const reason = (code === 'EPROTO' ? '' : cause.message) || code;
  const isPlain = 'url' in server && server.url.startsWith('http:');
  return new UnreachableError(`${nameOf(server)} cannot be reached: ${reason}${adviceFor(code, isPlain)}`, cause);
}

function adviceFor(code: string, isPlain: boolean): string {
  if (code === 'ECONNRESET' && isPlain) return '; does it speak TLS? Then its address begins with https://';
  if (code === 'EPROTO') return '; does it speak TLS? If not, its address begins with http://';
  if (code.startsWith('HPE_')) return '; it does not speak HTTP, or its address begins with https://';
  if (!/CERT|SIGNATURE/.test(code)) return '';
  return '; give its name with --url and its issuer, a PEM file, with NODE_EXTRA_CA_CERTS';
}
