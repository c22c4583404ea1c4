import { join } from 'node:path';

/** The project's folder: the CDK and npm both run a program in it. */
const PROJECT = process.cwd();

/** The folder of the environments' files. */
export const CONFIGURATION_DIRECTORY = join(PROJECT, 'config');

/** The CDK's own settings, feature flags among them. */
export const CDK_JSON = join(PROJECT, 'cdk.json');
