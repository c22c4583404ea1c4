// Writes config/schema.json, which the files in config/ point their editors at. A test fails when it is out of date.
import { writeFileSync } from 'node:fs';
import { configurationJsonSchema } from '../lib/config/json-schema';

const path = new URL('../config/schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
