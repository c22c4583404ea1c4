import type { Verdict } from '../../verdict/verdict-schema';
import { acceptedLines, exceptAccepted, notAccepted } from './accepted';
import { DONE, type Line, linesOf } from './change-lines';
import { dataGroups } from './data-groups';
import { escaped } from './escaped';
import { securityLines } from './security-lines';
import { SENTENCES } from './sentences';

/** GitHub refuses comments of more than 65,536 characters. */
const COMMENT_LIMIT = 65_000;

const MARKS = { safe: '✅', 'needs-migration': '⚠️', refused: '⛔' } as const;

/** A verdict as a comment on a pull request: the verdict first, the long lists folded away. */
export function markdown(headline: string, verdict: Verdict): string {
  const { word, means } = SENTENCES[verdict.verdict];
  const decisive = verdict.findings.filter(({ severity }) => severity !== 'note');
  const notes = notAccepted(verdict.findings).filter(({ severity }) => severity === 'note');
  const accepted = acceptedLines(verdict);
  const parts = [
    `### ${MARKS[verdict.verdict]} ${word}: ${escaped(headline)}`,
    `${means}${exceptAccepted(verdict.accepted)}`,
    list(
      decisive.map(({ severity, rule, stack, id, message, remedy, source }) => {
        const where = id === undefined ? '' : `\`${stack}/${id}\` `;
        const instead = remedy === undefined ? '' : ` Instead: ${escaped(remedy)}.`;
        return `**${severity === 'refused' ? 'refused' : 'needs a migration'}** ${where}${escaped(message)}. ${named(rule, source)}${instead}`;
      }),
    ),
    accepted.length === 0
      ? ''
      : section(
          'Accepted by the configuration',
          list(accepted.map(({ status, what, why }) => `**${status}**: ${escaped(what)}. ${escaped(why)}`)),
        ),
    counts(verdict),
    folded('What changes', changes(verdict)),
    folded(
      'What holds data, and what guards it',
      list(dataGroups(verdict.data).map(({ what, guards, change }) => `${code(what)} (${change}): ${escaped(guards)}`)),
    ),
    folded(
      `Who may do what, and who reaches whom (${verdict.security.length})`,
      list(securityLines(verdict, true).map(({ direction, what }) => `**${direction}**: ${escaped(what)}`)),
    ),
    section(
      'What users notice',
      verdict.interruptions.length === 0
        ? 'Nothing.'
        : list(
            verdict.interruptions.map(
              ({ name, id, what, because }) => `${name} \`${id}\`: ${escaped(what)} (${escaped(because)})`,
            ),
          ),
    ),
    folded(
      'Order of deployment',
      verdict.order.map(({ stack, action }, index) => `${index + 1}. \`${stack}\` ${action}`).join('\n'),
    ),
    folded(
      'Worth knowing',
      list(
        notes.map(
          ({ rule, stack, id, message, source }) => `\`${stack}/${id}\`: ${escaped(message)} ${named(rule, source)}`,
        ),
      ),
    ),
  ];
  const whole = parts.filter((part) => part !== '').join('\n\n');
  return whole.length <= COMMENT_LIMIT
    ? `${whole}\n`
    : `${whole.slice(0, COMMENT_LIMIT)}\n\n(cut: the comment is too long)\n`;
}

/** The rule by its id, which leads to the page that says so. */
function named(rule: string, source: string | undefined): string {
  return source === undefined ? `(\`${rule}\`)` : `([\`${rule}\`](${source}))`;
}

function counts({ summary }: Verdict): string {
  const head = Object.values(DONE);
  return `| ${head.join(' | ')} |\n|${' ---: |'.repeat(head.length)}\n| ${Object.values(summary).join(' | ')} |`;
}

function changes({ changes: all }: Verdict): string {
  const stacks = [...new Set(all.map(({ stack }) => stack))];
  return stacks
    .map((stack) => {
      const lines = linesOf(all.filter((one) => one.stack === stack));
      return `**${stack}**\n${list(lines.map(asItem))}`;
    })
    .join('\n\n');
}

function asItem({ done, what, why, values = [] }: Line): string {
  const reason = why === undefined ? '' : ` (${escaped(why)})`;
  return [`${done}: ${code(what)}${reason}`, ...values.map((value) => `  - ${escaped(value)}`)].join('\n');
}

/** The logical id, which is the last word of one thing, in code; counted things as they are. */
function code(what: string): string {
  return /^\d/.test(what) ? what : what.replace(/(\S+)$/, '`$1`');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function section(title: string, body: string): string {
  return `**${title}**\n\n${body}`;
}

function folded(title: string, body: string): string {
  return body === '' ? '' : `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
