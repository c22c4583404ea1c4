import { join } from 'node:path';
import type { JavaProgram } from './jars';
import { startJavaPeer } from './java-peer';
import type { Peer } from './peer';

/**
 * Amazon's own DynamoDB Local. It is free to use for development and tests under the "DynamoDB Local License Agreement", and so a
 * tool that is run, never a dependency. 3.1.0 runs on Java 17; of 3.3.1 a dependency could not be fetched (2026-11-21).
 */
export const DYNAMODB_LOCAL: JavaProgram = {
  name: 'dynamodb-local',
  group: 'software.amazon.dynamodb',
  artifact: 'DynamoDBLocal',
  version: '3.1.0',
};

/**
 * Starts DynamoDB Local, empty and in memory: conditional writes, transactions, DynamoDB Streams. Fetched into the user's cache on
 * the first call (48 MB).
 */
export function startDynamoDb(): Promise<Peer> {
  return startJavaPeer({
    program: DYNAMODB_LOCAL,
    mainClass: join(import.meta.dirname, 'LoopbackDynamoDb.java'),
    region: 'us-east-1',
    // SQLite comes as a native library beside the jars.
    options: (_port, home) => [`-Dsqlite4java.library.path=${home}`],
    args: (port) => ['-inMemory', '-disableTelemetry', '-port', String(port)],
  });
}
