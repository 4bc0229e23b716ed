import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Run as `node plain-server.js FILE` with a channel to its parent, to which it sends its address: stores a byte for
 * each request before the response. How long that takes shows how busy the machine and its disk are.
 */
const file = await open(process.argv[2] ?? '', 'a');
const server = createServer((request, response) => {
  request.resume().on('end', async () => {
    await file.write('x');
    await file.datasync();
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('disconnect', () => process.exit(0));
