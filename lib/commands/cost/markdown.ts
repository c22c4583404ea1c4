import { escaped } from '../diff/escaped';
import { headline, sentences } from './in-words';
import { dollars } from './money';
import type { CostReport } from './report';

/** Renders a bill, or the difference of two, as a comment on a pull request. */
export function markdown(report: CostReport): string {
  const { after, change: difference } = report;
  const tiers =
    difference === undefined
      ? [
          '| tier | fixed | usage |',
          '| --- | ---: | ---: |',
          ...after.tiers.map(({ tier, fixed, usage }) => `| ${tier} | ${dollars(fixed)} | ${dollars(usage)} |`),
        ]
      : [
          '| tier | before | after | change |',
          '| --- | ---: | ---: | ---: |',
          ...difference.tiers.map(
            (one) =>
              `| ${one.tier} | ${dollars(one.before)} | ${dollars(one.after)} | ${dollars(one.after - one.before)} |`,
          ),
        ];
  const parts = [
    `### ${escaped(headline(report))}`,
    sentences(report).join(' '),
    tiers.join('\n'),
    list(
      'The dearest, and what would make them cheaper',
      after.dearest.map(({ what, usd, cheaper }) => `${dollars(usd)} ${escaped(what)}: ${cheaper}`),
    ),
    list(
      'Notes',
      after.notes.map(({ stack, id, type, note }) => `\`${stack}/${id}\` (${type}): ${escaped(note)}`),
    ),
    list(
      'Not priced',
      after.notPriced.map(({ stack, id, type, why }) => `\`${stack}/${id}\` (${type}): ${escaped(why)}`),
    ),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `**${title}**\n\n${items.map((item) => `- ${item}`).join('\n')}`;
}
