import type { Traffic } from '../config/traffic-settings';
import { Reading } from '../template/reading';
import type { Template, TemplateResource, Templates } from '../template/template';
import { isTree, type Tree } from '../template/values';
import { allResolved } from './bill';
import { whyFree } from './free';
import type { PriceBook } from './price-book';
import { billOfResolved } from './resolved-bill';
import { timesTraffic } from './times-traffic';

/** Types that cost nothing, of which the survey asks whether there are any. */
const ASKED_FOR: ReadonlySet<string> = new Set(['AWS::S3::Bucket']);

/**
 * Templates, resolved, without what no bill reads: a ninth of them, which bills to the same under any traffic. What the
 * rules read is noted while they reckon, so that a new rule needs no list here.
 *
 * @throws Error when the two bills differ, which is a fault of this module.
 */
export function reducedForBill(templates: Templates, traffic: Traffic, book: PriceBook): Templates {
  const whole = allResolved(templates);
  const reading = new Reading();
  const probes = probesOf(traffic);
  for (const probe of probes) billOfResolved(reading.view(whole), probe, book);
  const reduced = Object.fromEntries(
    Object.entries(whole).map(([stack, template]) => [stack, keptOf(template, reading)] as const),
  );
  for (const probe of probes) {
    const [before, after] = [whole, reduced].map((one) => JSON.stringify(billOfResolved(one, probe, book)));
    if (before !== after) throw new Error('the reduced templates bill to something else: see lib/cost/reduced.ts');
  }
  return reduced;
}

/** The traffic itself, none, and a hundred times as much: no rule reads something else in between. */
function probesOf(traffic: Traffic): readonly Traffic[] {
  return [traffic, timesTraffic(traffic, 0), timesTraffic(traffic, 100)];
}

function keptOf(template: Template, reading: Reading): Template {
  const resources = Object.entries(template.Resources).flatMap(([id, one]) => {
    const kept = reading.kept(one);
    return matters(kept) ? [[id, kept] as const] : [];
  });
  const outputs = Object.entries(isTree(template['Outputs']) ? template['Outputs'] : {}).filter(([, one]) =>
    isFollowed(one, reading),
  );
  return {
    Resources: Object.fromEntries(resources),
    ...(outputs.length > 0 && { Outputs: Object.fromEntries(outputs.map(([name, one]) => [name, reading.kept(one)])) }),
  };
}

/**
 * True for what has a price, has none that is known, or says something of what has one. The id of one that was only looked at
 * goes with it: ids may be made of mails and domains.
 */
function matters({ Type, ...kept }: TemplateResource): boolean {
  return whyFree(Type) === undefined || ASKED_FOR.has(Type) || Object.values(kept).some((one) => !isEmpty(one));
}

function isEmpty(value: unknown): boolean {
  return isTree(value) && Object.keys(value).length === 0;
}

/** True for an output whose value was followed to a resource; the others were looked at for their names alone. */
function isFollowed(output: unknown, reading: Reading): boolean {
  const value: unknown = isTree(output) ? (output as Tree)['Value'] : undefined;
  return isTree(value) && reading.namesRead(value).size > 0;
}
