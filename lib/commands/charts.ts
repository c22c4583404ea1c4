import { architectureOf } from '../architecture/phases';
import { PHASES } from '../architecture/phases/list';
import { capacityOf, firstBottleneck } from '../capacity/capacity';
import { readConfiguration } from '../config/configuration';
import { ConfigurationError } from '../config/configuration-error';
import { outlineOf } from '../cost/outline/outline';
import { billOfResolved } from '../cost/resolved-bill';
import { asFlags } from './as-flags';
import { chartsAsText, type PhaseRow } from './charts/text';
import { bookOf } from './cost/book-of';

export interface ChartsProps {
  readonly environment: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Columns of the terminal. */
  readonly width: number;
  readonly directory: string;
}

/**
 * Draws what every phase costs and how much of it is taken, for a terminal. It asks outlines for the bills, which need no
 * synthesis.
 *
 * @throws ConfigurationError when the configuration is not sound, or there are no prices of the region.
 */
export function charts(props: ChartsProps): string {
  try {
    return chartsAsText(
      props.environment,
      PHASES.map(({ number, name }) => rowOf(number, name, props)),
      props.width,
    );
  } catch (error) {
    throw error instanceof ConfigurationError ? asFlags(error, '--set') : error;
  }
}

function rowOf(number: number, name: string, { environment, settings, directory }: ChartsProps): PhaseRow {
  const configuration = readConfiguration({ context: { env: environment, ...settings, phase: number }, directory });
  const { region, traffic } = configuration;
  const book = bookOf(region, 'the charts');
  const architecture = architectureOf(configuration);
  const { fixed, usage, notPriced } = billOfResolved(outlineOf(architecture), traffic, book);
  const first = firstBottleneck(capacityOf(architecture, traffic));
  return { number, name, fixed, usage, notPriced: notPriced.length, ...(first && { first }) };
}
