import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from './command';

const ROOT = join(import.meta.dirname, '..', '..');
const BUNDLES = join(ROOT, '.build', 'lambda');
const STARTS = 15;

/** A Lambda function as it is deployed. */
export interface HandlerFigures {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Time to load the bundle and the parts of the AWS SDK that it asks for, in a fresh process: median, milliseconds. */
  readonly importMilliseconds: number;
}

/** The Node.js of Lambda's runtime; this machine's own where that cannot be fetched. */
export function runtime(): { readonly path: string; readonly version: string } {
  const print = '`${process.execPath} ${process.version}`';
  let line: string;
  try {
    const script = join(ROOT, 'scripts', 'with-node24.sh');
    line = execFileSync('bash', [script, 'node', '-p', print], { encoding: 'utf8' });
  } catch {
    line = `${process.execPath} ${process.version}`;
  }
  const [path = '', version = ''] = line.trim().split(' ');
  return { path, version };
}

/**
 * Size and import time of each function. The SDK comes from this project's packages, as the runtime brings its own: so
 * the time is for this machine, and tells one version of a function from another rather than what Lambda takes.
 */
export function measureHandlers(node: string): HandlerFigures[] {
  // Folders without a handler hold what functions share.
  const names = readdirSync(join(ROOT, 'lambda')).filter((name) =>
    existsSync(join(ROOT, 'lambda', name, 'handler.ts')),
  );
  return names.map((name) => {
    const file = join(BUNDLES, name, 'handler.js');
    const content = readFileSync(file);
    importTime(node, file);
    const times = Array.from({ length: STARTS }, () => importTime(node, file)).sort((a, b) => a - b);
    return {
      name,
      bytes: content.length,
      gzipBytes: gzipSync(content).length,
      importMilliseconds: times[Math.floor(STARTS / 2)] ?? Number.NaN,
    };
  });
}

function importTime(node: string, file: string): number {
  const program = 'const from = performance.now(); require(process.argv[1]); console.log(performance.now() - from);';
  return Number(run({ program: node, args: ['--eval', program, file], cwd: ROOT, env: VARIABLES }).stdout);
}

/** What a function reads as it loads. */
const VARIABLES = {
  AWS_REGION: 'us-east-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  ENVIRONMENT: 'bench',
  QUEUE: 'bench',
  IDEMPOTENCY_TABLE: 'bench',
  PRESSURE_PARAMETER: '/beamstalk/bench/pressure/shed',
  QUEUES: '[]',
  FEED: '{"source":"bench","models":[]}',
  FAILURES: 'https://sqs.us-east-1.amazonaws.com/123456789012/bench',
};
