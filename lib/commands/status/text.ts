import { harmless } from '../environment/harmless';
import { table } from '../table';
import type { Question } from './question';
import { complaints, type NodeLine, type StatusReport } from './report';

/** A report for people. */
export function text(report: StatusReport): string {
  const { environment, region, phase, addresses, boots, nodes, queues, replicas, deploying } = report;
  const bad = complaints(report);
  const under = deploying.flatMap(({ what, state }) =>
    'answer' in state ? state.answer.map((words) => `${what}: ${words}`) : [],
  );
  return harmless(
    [
      `${environment} in ${region}: phase ${phase}`,
      ...addresses.map(({ of, address }) => `${of}: ${said(address)}`),
      `nodes boot: ${boots === 'none' ? 'no release yet' : boots}`,
      '',
      'answer' in nodes ? nodesInWords(nodes.answer) : `nodes: not known (${nodes.unknown})`,
      ...(queues.length === 0 ? [] : ['', queuesInWords(queues)]),
      ...('answer' in replicas && replicas.answer.length === 0 ? [] : ['', replicasInWords(replicas)]),
      '',
      ...(under.length === 0 ? ['nothing is being deployed'] : under),
      ...(bad.length === 0 ? ['all is well'] : ['', 'not well, or not known:', ...bad.map((line) => `  ${line}`)]),
      '',
    ].join('\n'),
  );
}

function said(one: Question<string | number>): string {
  return 'answer' in one ? String(one.answer) : 'not known';
}

function nodesInWords(lines: readonly NodeLine[]): string {
  if (lines.length === 0) return 'no node runs';
  const rows = lines.map(({ node, ping, told }) => {
    const of = told !== undefined && 'answer' in told ? told.answer : undefined;
    const isAsked = told !== undefined;
    return [
      node.id,
      node.role,
      node.lifecycle,
      of?.release ?? (isAsked ? 'not known' : '-'),
      of === undefined ? (isAsked ? 'not known' : '-') : of.healthy ? 'yes' : 'no',
      of === undefined ? '-' : of.rolling ? 'rolls' : of.draining ? 'drains' : '-',
      of === undefined ? '-' : String(of.connections),
      of?.since ?? '-',
      ping ?? 'not known',
    ];
  });
  const heads = ['node', 'role', 'state', 'release', 'healthy', 'at work', 'connections', 'since', 'agent'];
  return table(heads, rows).trimEnd();
}

function queuesInWords(queues: StatusReport['queues']): string {
  const rows = queues.map(({ name, depth }) =>
    'answer' in depth
      ? [name, String(depth.answer.waiting), String(depth.answer.taken), String(depth.answer.delayed)]
      : [name, 'not known', '-', '-'],
  );
  return table(['queue', 'wait', 'taken', 'for later'], rows).trimEnd();
}

function replicasInWords(replicas: StatusReport['replicas']): string {
  if ('unknown' in replicas) return `replicas: not known (${replicas.unknown})`;
  const rows = replicas.answer.map(({ id, state, lagSeconds }) => [
    id,
    state,
    lagSeconds === undefined ? 'not known' : `${lagSeconds} s`,
  ]);
  return table(['replica', 'state', 'lag'], rows).trimEnd();
}
