import { consul } from './consul.js';
import { csv } from './csv.js';
import { dotenv } from './dotenv.js';
import type { Format, FormatName } from './format.js';
import { json } from './json.js';
import { keyv } from './keyv.js';
import { ndjson } from './ndjson.js';
import { redisJson } from './redis-json.js';
import { simplePykv } from './simple-pykv.js';
import { tsv } from './tsv.js';
import { wrangler } from './wrangler.js';

/** How each format is read and written. A new one is a file, a line here and its name in `FORMAT_NAMES`. */
export const formats: Readonly<Record<FormatName, Format>> = {
  json,
  ndjson,
  csv,
  tsv,
  dotenv,
  wrangler,
  consul,
  'redis-json': redisJson,
  keyv,
  'simple-pykv': simplePykv,
};
