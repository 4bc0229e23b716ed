import { createServer, type RequestListener } from 'node:http';
import express from 'express';
import { createStorage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
import { createStorageServer } from 'unstorage/server';

/** The servers in JavaScript that PortKV is compared with: `node servers.js NAME PORT FOLDER`. */
const [name = '', port = '', folder = ''] = process.argv.slice(2);
const BODY = Buffer.alloc(100, 'x');
const HEADERS = { 'Content-Type': 'text/plain', 'Content-Length': BODY.length };

/** Responds to a PUT when its body is read, to anything else with 100 bytes. */
const bare: RequestListener = (request, response) => {
  if (request.method !== 'PUT') {
    response.writeHead(200, HEADERS).end(BODY);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    Buffer.concat(chunks);
    response.writeHead(204).end();
  });
};

function constantExpress(): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.all('*path', (_, response) => {
    response.type('text/plain').send(BODY);
  });
  app.get('/', (_, response) => {
    response.send('ready');
  });
  return app;
}

function unstorage(): RequestListener {
  const storage =
    name === 'unstorage-fs' ? createStorage({ driver: fsDriver({ base: `${folder}/data` }) }) : createStorage();
  return createStorageServer(storage).handle;
}

const listeners: Readonly<Record<string, () => RequestListener>> = {
  bare: () => bare,
  express: constantExpress,
  'unstorage-memory': unstorage,
  'unstorage-fs': unstorage,
};
createServer(listeners[name]?.()).listen(Number(port), '127.0.0.1');
