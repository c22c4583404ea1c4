import { projectPath } from '../facts/project-path';

/** Folder of the boot scripts. */
export const BOOT_DIRECTORY = projectPath('lib', 'node', 'boot');
