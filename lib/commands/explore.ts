import { readFileSync } from 'node:fs';
import type { Phase } from '../architecture/architecture';
import type { Climb } from '../climb/climb';
import { readConfiguration } from '../config/configuration';
import { ConfigurationError } from '../config/configuration-error';
import { reducedForBill } from '../cost/reduced';
import { projectPath } from '../facts/project-path';
import { type SynthesisProps, synthesise } from '../synthesis';
import type { Templates } from '../template/template';
import { asFlags } from './as-flags';
import { bookOf } from './cost/book-of';
import { pageOf } from './explore/html';
import type { PageData, PhaseData } from './explore/page-data';
import { shownConfiguration, shownSettings } from './explore/shown';
import { stepOf } from './explore/step';

export interface ExploreProps extends Pick<SynthesisProps, 'directory' | 'cdkJson'> {
  readonly environment: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Date on which the page is written: ISO 8601, UTC. */
  readonly today: string;
}

/**
 * Writes the page that shows what every phase costs and carries, and lets one move the traffic.
 *
 * @throws ConfigurationError when the configuration is not sound, or there are no prices of the region.
 */
export async function explore(props: ExploreProps): Promise<string> {
  const data = await pageData(props);
  const [script, style] = ['page.js', 'page.css'].map((name) =>
    readFileSync(projectPath('.build', 'explore', name), 'utf8'),
  );
  return pageOf(data, { script: script ?? '', style: style ?? '' });
}

/** Data that a page is written with. */
export async function pageData(props: ExploreProps): Promise<PageData> {
  try {
    return await made(props);
  } catch (error) {
    throw error instanceof ConfigurationError ? asFlags(error, '--set') : error;
  }
}

async function made({ environment, settings, today, directory, cdkJson }: ExploreProps): Promise<PageData> {
  const { PHASES } = await import('../architecture/phases');
  const context = { env: environment, ...settings };
  const configured = readConfiguration({ context, directory });
  const { region, traffic } = configured;
  const book = bookOf(region, 'the page');
  const phases: PhaseData[] = [];
  let below: Templates | undefined;
  for (const phase of PHASES) {
    const { number, name, adds } = phase;
    const place = { directory, cdkJson };
    const { configuration, templates } = synthesise({ context: { ...context, phase: number }, ...place });
    const step = below && (await stepTo(phase, { environment, before: below, after: templates, phases: PHASES }));
    const reduced = reducedForBill(templates, traffic, book);
    const ofPhase = shownConfiguration(configuration);
    phases.push({ number, name, adds, configuration: ofPhase, templates: reduced, ...(step && { step }) });
    below = templates;
  }
  return {
    ...{ version: 1, environment, region, written: today, traffic, phases },
    ...{ configured: shownConfiguration(configured), settings: shownSettings(settings) },
  };
}

interface Sides {
  readonly environment: string;
  readonly before: Templates;
  readonly after: Templates;
  readonly phases: readonly Phase[];
}

async function stepTo(phase: Phase, { environment, before, after, phases }: Sides) {
  const { verdictOf } = await import('../verdict/verdict');
  const { number } = phase;
  const climb: Climb = { environment, before: { phase: number - 1 }, after: { phase: number }, phases };
  return stepOf(phase, verdictOf(before, after, climb));
}
