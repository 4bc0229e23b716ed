// npm run schema: writes config.schema.json from the settings classes.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { configSchema } from '../dist/src/infrastructure/config/settings/config-schema.js';

writeFileSync(new URL('../config.schema.json', import.meta.url), `${JSON.stringify(configSchema(), null, 2)}\n`);
