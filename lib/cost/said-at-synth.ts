import type { Configuration } from '../config/configuration';
import type { Templates } from '../template/template';
import { billOf } from './bill';
import { priceBook } from './price-book';
import type { Bill } from './resolved-bill';

/** Notes on the bill of what was synthesised: that it exceeds the own budget of the environment, or that rows do not fit. */
export function saidAtSynth(configuration: Configuration, templates: Templates): string[] {
  const { environment, phase, from, region, traffic } = configuration;
  const book = priceBook(region);
  if (book === undefined) return [];
  const bill = billOf(templates, traffic, book);
  const state = from === undefined ? `${phase}` : `${phase}+${from}`;
  return [
    ...overBudget(configuration, state, bill),
    ...bill.notes.map(
      ({ stack, id, type, note }) =>
        `${environment} at phase ${state}, ${stack}/${id} (${type}): ${note}; \`beamstalk capacity ${state} --env ${environment}\` says what gives way`,
    ),
  ];
}

function overBudget({ environment, operations }: Configuration, state: string, { total }: Bill): string[] {
  const { budgetUSD } = operations;
  if (total <= budgetUSD) return [];
  const [bill, budget] = [total, budgetUSD].map((usd) => `$${Math.round(usd).toLocaleString('en-US')}`);
  return [
    `${environment} at phase ${state} comes to ${bill} a month at list prices, more than its budget of ${budget} (operations.budgetUSD): \`beamstalk cost ${state} --env ${environment}\` says why`,
  ];
}
