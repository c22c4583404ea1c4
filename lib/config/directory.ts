import { join } from 'node:path';

/** The folder of the environments' files. The CDK and npm both run a program in the project's folder. */
export const CONFIGURATION_DIRECTORY = join(process.cwd(), 'config');
