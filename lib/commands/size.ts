import type { Event } from '../capacity/ceiling';
import { chosen } from '../capacity/choice';
import { ASSUMED_WORK, workBy } from '../capacity/measured';
import { catalogueOf } from '../capacity/size/catalogue';
import { type Answer, type Plan, sizesFor } from '../capacity/size/search';
import { type Configuration, readConfiguration } from '../config/configuration';
import { ConfigurationError } from '../config/configuration-error';
import { readEnvironmentFile } from '../config/environment-file';
import { overlay, type Tree } from '../config/tree';
import { asFlags } from './as-flags';
import { bookOf } from './cost/book-of';
import { readLoadTest } from './size/load-test';
import { pricesOf } from './size/prices';
import { answerAsJson, answerAsText } from './size/text';
import { TRAFFIC_FLAGS } from './size/traffic-flags';
import { writeFor } from './written-file';

export interface SizeProps {
  readonly environment: string;
  /** Settings by their dotted path, the traffic among them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Share of every ceiling that stays free, from 0 to 0.9. */
  readonly headroom: number;
  readonly survivesZone: boolean;
  readonly ingress?: 'http' | 'sockets';
  /** File with a load test. */
  readonly steps?: string;
  /** File that the configuration goes to. */
  readonly write?: string;
  readonly format: 'text' | 'json';
  /** Folder of configurations. */
  readonly directory: string;
}

export interface SizeResult {
  readonly output: string;
  readonly exitCode: number;
  readonly answer: Answer;
}

/**
 * Finds the cheapest size that carries the traffic of an environment, and writes its configuration when asked to.
 *
 * @throws ConfigurationError when the configuration or the load test is not sound, there are no prices of the region, or the
 * file cannot be written.
 */
export function size(props: SizeProps): SizeResult {
  const { environment, settings, headroom, survivesZone, ingress, format, directory } = props;
  const configuration = read({ env: environment, ...settings }, directory);
  const book = bookOf(configuration.region, 'the size');
  const measured = props.steps === undefined ? undefined : readLoadTest(props.steps);
  const work = measured === undefined ? ASSUMED_WORK : workBy(measured);
  const survive: readonly Event[] = survivesZone ? ['a zone lost'] : [];
  const answer = sizesFor({
    ...{ configuration, headroom, survive, work, prices: pricesOf(book) },
    ...(ingress !== undefined && { ingress }),
    catalogue: catalogueOf(configuration.release.architecture),
  });
  const [best] = answer.plans;
  const written = best !== undefined && props.write !== undefined ? writeConfiguration(best, props, props.write) : '';
  const request = { environment, headroom, survivesZone, traffic: configuration.traffic, fit: measured?.fit };
  const output = format === 'json' ? answerAsJson(answer, request) : `${answerAsText(answer, request)}${written}`;
  return { output, exitCode: best === undefined ? 1 : 0, answer };
}

function read(context: Readonly<Record<string, unknown>>, directory: string): Configuration {
  try {
    return readConfiguration({ context, directory });
  } catch (error) {
    throw error instanceof ConfigurationError ? asFlags(error, '--set', TRAFFIC_FLAGS) : error;
  }
}

/** Writes the file of the environment with what the plan and the command line chose, once it has been checked. */
function writeConfiguration({ choice }: Plan, { environment, settings, directory }: SizeProps, file: string): string {
  const context = { env: environment, ...settings, ...choice };
  const { traffic } = read(context, directory);
  const { tree } = readEnvironmentFile(environment, directory);
  const own = Object.keys(settings).filter((key) => !key.startsWith('traffic.'));
  const whole = read({ env: environment, ...settings }, directory);
  const kept = Object.fromEntries(own.map((key) => [key, valueIn(whole, key)] as const));
  const base = chosen({ ...structuredClone(tree), traffic } as unknown as Configuration, { ...kept, ...choice });
  const content = overlay({ $schema: './schema.json' }, base as unknown as Tree);
  writeFor('the size', 'write', file, `${JSON.stringify(content, null, 2)}\n`);
  return `\nWritten: ${file}\n`;
}

function valueIn(configuration: Configuration, key: string): string | number {
  return key.split('.').reduce<unknown>((value, part) => (value as Tree)[part], configuration) as string | number;
}
