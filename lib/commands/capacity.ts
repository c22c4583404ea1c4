import { architectureOf } from '../architecture/phases';
import { asymmetriesOf } from '../capacity/asymmetry/asymmetries';
import { capacityOf, firstBottleneck } from '../capacity/capacity';
import { ASSUMED_WORK, workBy } from '../capacity/measured';
import { cheapestRelief } from '../capacity/relief';
import { readConfiguration } from '../config/configuration';
import { ConfigurationError } from '../config/configuration-error';
import { mustSayPhase } from '../config/said-phase';
import { priceBook } from '../cost/price-book';
import { asFlags } from './as-flags';
import { type CapacityReport, capacityAsJson, capacityAsText, outgrownReport } from './capacity/text';
import { contextOf, readDirectory, type SideName, titleOf } from './diff/side';
import { readLoadTest } from './size/load-test';
import { pricesOf } from './size/prices';

export interface CapacityProps {
  readonly side: Exclude<SideName, { kind: 'deployed' }>;
  readonly environment: string;
  readonly settings: Readonly<Record<string, string>>;
  /** File with a load test. */
  readonly steps?: string;
  readonly format: 'text' | 'json';
  readonly directory: string;
}

/**
 * Says what an architecture carries of the traffic that is expected, or what may outgrow what it depends on in a folder of
 * templates.
 *
 * @throws ConfigurationError when the configuration, the folder or the load test is not sound.
 */
export function capacity(props: CapacityProps): string {
  const { side, format } = props;
  if (side.kind === 'directory') {
    const found = asymmetriesOf(readDirectory(side.path).templates);
    return format === 'json'
      ? `${JSON.stringify({ version: 1, outgrown: found }, null, 2)}\n`
      : outgrownReport(side.path, found);
  }
  try {
    const report = reportOf(side, props);
    return format === 'json' ? capacityAsJson(report) : capacityAsText(report);
  } catch (error) {
    throw error instanceof ConfigurationError ? asFlags(error, '--set') : error;
  }
}

function reportOf(side: SideName, { environment, settings, steps, directory }: CapacityProps): CapacityReport {
  const context = contextOf(side, environment, settings);
  mustSayPhase({ context, directory });
  const configuration = readConfiguration({ context, directory });
  const { phase, from, region, traffic } = configuration;
  const measured = steps === undefined ? undefined : readLoadTest(steps);
  const work = measured === undefined ? ASSUMED_WORK : workBy(measured);
  const found = capacityOf(architectureOf(configuration), traffic, work);
  const first = firstBottleneck(found);
  const book = priceBook(region);
  const relief = first && book && cheapestRelief(configuration, first.ceiling, pricesOf(book).of, work);
  return {
    ...{ environment, title: titleOf({ phase, ...(from !== undefined && { from }) }, settings), traffic, ...found },
    ...(first && { first }),
    ...(relief && { relief }),
    isPriced: book !== undefined,
    ...(measured && { fit: measured.fit }),
  };
}
