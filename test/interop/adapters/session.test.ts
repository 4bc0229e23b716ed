import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import express from 'express';
import session from 'express-session';
import Fastify from 'fastify';
import { sessionStore } from 'portkv/express-session';
import { afterEach, describe, expect, it } from 'vitest';
import { onEveryStore } from './stores.ts';

const SECRET = 'a secret that is thirty-two bytes or longer';

declare module 'express-session' {
  interface SessionData {
    visits: number;
  }
}

onEveryStore((store) => {
  const sessions = () => sessionStore(session.Store, store());
  const expiring = (expires?: Date | string) =>
    ({ cookie: { originalMaxAge: null, ...(expires && { expires }) } }) as never;
  const get = (id: string) =>
    new Promise((resolve, reject) => sessions().get(id, (e, s) => (e ? reject(e) : resolve(s))));
  const set = (id: string, data: never) => promisify(sessions().set.bind(sessions()))(id, data);
  const secondsLeft = async (key: string) => (Number((await store().head(key))?.expiresAt) - Date.now()) / 1000;

  const keys = async () => {
    const found: string[] = [];
    for await (const key of store().keys()) found.push(key);
    return found;
  };

  afterEach(async () => {
    await store().clear();
  });

  describe('under express-session', () => {
    it('keeps a session from request to request, lets it last, and destroys it', async () => {
      const app = express();
      app.use(
        session({
          secret: SECRET,
          store: sessions(),
          resave: false,
          saveUninitialized: false,
          cookie: { maxAge: 60_000 },
        }),
      );
      app.get('/count', (request, response) => {
        request.session.visits = (request.session.visits ?? 0) + 1;
        response.json(request.session.visits);
      });
      app.get('/read', (request, response) => void response.json(request.session.visits ?? null));
      app.get('/renew', (request, response) => request.session.regenerate(() => response.json(null)));
      app.get('/end', (request, response) => request.session.destroy(() => response.json(null)));
      const server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const browser = new Browser(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      try {
        expect(await browser.get('/read')).toBeNull();
        expect(await store().count()).toBe(0);
        expect(await browser.get('/count')).toBe(1);
        expect(await browser.get('/count')).toBe(2);
        const [key = ''] = await keys();
        expect(key).toMatch(/^sess:/);
        // A session that is only read is touched: its data stay as they are.
        await store().touch(key, 10);
        const before = await store().get(key);
        expect(await browser.get('/read')).toBe(2);
        expect(await secondsLeft(key)).toBeGreaterThan(30);
        expect((await store().get(key))?.value).toEqual(before?.value);
        await browser.get('/renew');
        expect(await store().has(key)).toBe(false);
        expect(await browser.get('/count')).toBe(1);
        await browser.get('/end');
        expect(await store().count()).toBe(0);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });
  });

  describe('under @fastify/session', () => {
    it('keeps a session from request to request, and destroys it', async () => {
      const app = Fastify();
      await app.register(cookie);
      await app.register(fastifySession, {
        secret: SECRET,
        store: sessions(),
        saveUninitialized: false,
        cookie: { secure: false, maxAge: 60_000 },
      });
      app.get('/count', async (request) => {
        const visits = (Number(request.session.get('visits' as never)) || 0) + 1;
        request.session.set('visits' as never, visits as never);
        return visits;
      });
      app.get('/end', async (request) => {
        await request.session.destroy();
        return null;
      });
      const browser = new Browser(await app.listen({ port: 0, host: '127.0.0.1' }));
      try {
        expect(await browser.get('/count')).toBe(1);
        expect(await browser.get('/count')).toBe(2);
        const [key = ''] = await keys();
        expect(await secondsLeft(key)).toBeGreaterThan(30);
        await browser.get('/end');
        expect(await store().count()).toBe(0);
      } finally {
        await app.close();
      }
    });
  });

  it('lets sessions expire with their cookie, or after a day', async () => {
    await set('a', expiring(new Date(Date.now() + 3600_000)));
    await set('b', expiring(new Date(Date.now() + 7200_000).toISOString()));
    await set('c', expiring());
    const left = await Promise.all(['sess:a', 'sess:b', 'sess:c'].map(secondsLeft));
    expect(left.map((seconds) => Math.ceil(seconds / 3600))).toEqual([1, 2, 24]);
    await set('a', expiring(new Date(Date.now() - 1)));
    expect(await get('a')).toBeNull();
  });

  it('does not bring back a session by touching it', async () => {
    await promisify(sessions().touch.bind(sessions()))('gone', expiring());
    expect(await get('gone')).toBeNull();
  });

  it('counts, lists and clears its sessions only', async () => {
    await store().put('other', 1);
    await set('a', expiring());
    await set('b', expiring());
    const all = await new Promise<unknown>((resolve) => sessions().all((_, list) => resolve(list)));
    expect(all).toHaveLength(2);
    expect(await new Promise((resolve) => sessions().length((_, count) => resolve(count)))).toBe(2);
    await promisify(sessions().clear.bind(sessions()))();
    expect(await keys()).toEqual(['other']);
  });

  it('calls back with the error of the store', async () => {
    await expect(get('x'.repeat(600))).rejects.toMatchObject({ code: 'invalid' });
    await expect(set('x'.repeat(600), expiring())).rejects.toMatchObject({ code: 'invalid' });
  });
});

/** Keeps the cookie that it was sent last. */
class Browser {
  #cookie = '';

  constructor(private readonly address: string) {}

  async get(path: string): Promise<unknown> {
    const response = await fetch(this.address + path, { headers: { cookie: this.#cookie } });
    const [sent] = response.headers.getSetCookie();
    if (sent !== undefined) this.#cookie = sent.split(';')[0] ?? '';
    return JSON.parse((await response.text()) || 'null');
  }
}
