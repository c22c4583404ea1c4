import type { Fit } from '../../capacity/models/scalability';
import { amount, inOneLine } from '../../capacity/size/in-one-line';
import type { Answer, Plan } from '../../capacity/size/search';
import type { Traffic } from '../../config/traffic-settings';
import { bottleneckAsJson } from '../capacity/as-json';
import { withoutParts } from '../cost/in-words';
import { cents, dollars } from '../cost/money';
import { planName } from './plan-name';

/** The question, as the answer repeats it. */
export interface Request {
  readonly environment: string;
  readonly headroom: number;
  readonly survivesZone: boolean;
  readonly traffic: Traffic;
  readonly fit: Fit | undefined;
}

const SECONDS_PER_MONTH = 730 * 3600;

/** Renders an answer for people. */
export function answerAsText({ plans, refusals }: Answer, request: Request): string {
  const [best, ...others] = plans;
  const bill = ({ usd, notPriced }: Plan): string => `${dollars(usd)} a month${withoutParts(notPriced)}`;
  const lines = [...asked(request), ''];
  if (best === undefined) {
    lines.push('No size of any phase carries it:', ...refusals.map((one) => `  ${planName(one)}: ${one.why}`));
    return `${lines.join('\n')}\n`;
  }
  const runnerUp = others.find(({ phase }) => phase !== best.phase);
  lines.push(`The cheapest that carries it: ${planName(best)}, ${bill(best)}`, ...sizesOf(best), '');
  lines.push(`  first bottleneck: ${inOneLine(best.bottleneck.ceiling)}, ${monthsOf(best)}`);
  lines.push(`                    ${best.bottleneck.ceiling.why} (${best.bottleneck.ceiling.basis})`);
  lines.push(`  next rung: ${growthInWords(best)}`, '');
  if (runnerUp !== undefined) {
    lines.push(
      `Runner-up: ${planName(runnerUp)}, ${dollars(runnerUp.usd)}${withoutParts(runnerUp.notPriced)}, ${difference(best, runnerUp)}`,
      ...sizesOf(runnerUp),
      '',
    );
  }
  const smaller = refusals.filter(({ phase }) => phase < best.phase);
  if (smaller.length > 0) {
    lines.push('Why not a smaller phase', ...smaller.map((one) => `  ${planName(one)}: ${one.why}`), '');
  }
  lines.push(...ways(plans, best));
  return `${lines.join('\n').trimEnd()}\n`;
}

function asked({ environment, traffic, headroom, survivesZone, fit }: Request): string[] {
  const perSecond = (count: number): string => amount(count / SECONDS_PER_MONTH);
  const { connections, requestsPerMonth, readsPerMonth, writesPerMonth, peakFactor } = traffic;
  return [
    `${environment}: ${amount(connections)} connections; on average ${perSecond(requestsPerMonth)} requests, ${perSecond(readsPerMonth)} reads and ${perSecond(writesPerMonth)} writes a second,`,
    `${peakFactor} times as many at the peak; ${Math.round(headroom * 100)} % headroom${survivesZone ? ', carried with a zone lost' : ''}`,
    ...(fit === undefined
      ? []
      : [
          `fitted: ${amount(fit.law.one)} a second alone, contention ${amount(fit.law.contention)}, coherence ${amount(fit.law.coherence)}; explains ${amount(fit.explained * 100)} %`,
        ]),
  ];
}

/** Difference of another plan from the best: it may cost less, when its bill lacks more. */
function difference({ usd: least }: Plan, { usd }: Plan): string {
  return usd < least ? `${dollars(least - usd)} less` : `${dollars(usd - least)} more`;
}

function sizesOf({ choice }: Plan): string[] {
  return Object.entries(choice)
    .filter(([key]) => key !== 'phase')
    .map(([key, value]) => `  ${key}: ${value}`);
}

function monthsOf({ bottleneck: { months, headroom } }: Plan): string {
  const free = `${Math.floor(headroom * 100)} % free`;
  if (!Number.isFinite(months)) return free;
  return `${free}, reached in month ${months + 1}`;
}

/** `c7i.2xlarge; a second node beats a bigger one from c7i.4xlarge on`. */
function growthInWords({ growth: { next, secondNodeFrom } }: Plan): string {
  const second = secondNodeFrom && `; a second node beats a bigger one from ${secondNodeFrom.name} on`;
  return next === undefined ? 'none, this is the last of its ladder' : `${next.name}${second ?? ''}`;
}

/** ALB or NLB, that is CDN or direct, and one node or several. */
function ways(plans: readonly Plan[], best: Plan): string[] {
  const behind = ['http', 'sockets'].flatMap((ingress) => plans.find((plan) => plan.ingress === ingress) ?? []);
  const alone = plans.find(({ ingress }) => ingress === 'none');
  const several = plans.find(({ ingress }) => ingress !== 'none');
  return [
    ...(behind.length < 2
      ? []
      : [
          `ALB or NLB, CDN or direct: ${behind.map((plan) => `${planName(plan)} ${dollars(plan.usd)}${withoutParts(plan.notPriced)}`).join(', ')}`,
        ]),
    ...(alone === undefined || several === undefined
      ? []
      : [
          `One node or several: ${planName(alone)} ${dollars(alone.usd)}, ${planName(several)} ${dollars(several.usd)}`,
        ]),
    ...(best.ingress === 'none'
      ? ['One server has no second: with its zone it is gone (--survive zone asks for more).']
      : []),
  ];
}

/** Renders an answer for machines. */
export function answerAsJson(
  { plans, refusals }: Answer,
  { environment, headroom, survivesZone, traffic }: Request,
): string {
  const of = ({ bottleneck, usd, growth, ...plan }: Plan) => ({
    ...plan,
    usd: cents(usd),
    bottleneck: bottleneckAsJson(bottleneck),
    growth: { next: growth.next?.name ?? null, secondNodeFrom: growth.secondNodeFrom?.name ?? null },
  });
  const report = { version: 1, environment, headroom, survivesZone, traffic, plans: plans.map(of), refusals };
  return `${JSON.stringify(report, null, 2)}\n`;
}
