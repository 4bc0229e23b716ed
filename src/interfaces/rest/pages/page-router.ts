import { Router } from 'express';
import { HttpError } from '../response/http-error.js';

const ALLOW = 'GET, HEAD, OPTIONS';

/** A router of pages: GET and HEAD only, and each response with a request id and the policy of the pages. */
export function pageRouter(policy: string): Router {
  const router = Router({ strict: true });
  router.use((request, response, next) => {
    const id = String(request.headers['x-request-id']);
    if (request.method === 'OPTIONS') {
      response.setHeader('X-Request-Id', id);
      response.status(204).setHeader('Allow', ALLOW).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError('method_not_allowed', `${request.method} is not possible here`, { allow: ALLOW });
    }
    response.setHeader('X-Request-Id', id);
    response.setHeader('Content-Security-Policy', policy);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    next();
  });
  return router;
}
