import type { BoundaryReport } from '../boundary';
import type { Most } from './found';

/** Writes what was found for people. */
export function boundaryInWords(report: BoundaryReport): string {
  const { environment, objective, connections, attempts, together, nodes, says, targets, loadTest } = report;
  const failed = `${(100 * objective.failedShare).toFixed(1)} %`;
  return [
    `${environment}, ${counted(nodes)}, as a client sees it`,
    `objective: every connection stays, 99 of 100 answers within ${objective.p99Ms} ms, ${failed} failed at most`,
    ...(connections ? [line('N, connections that stay open', connections)] : []),
    ...(attempts ? [line('C, attempts at once', attempts)] : []),
    ...(together ? [line('together, N', together.connections), line('together, C', together.attempts)] : []),
    ...('unknown' in nodes ? [`nodes: ${nodes.unknown}`] : []),
    ...(targets.url !== undefined && 'unknown' in loadTest ? [`no load test of one node: ${loadTest.unknown}`] : []),
    `what gives way first: ${report.limiting}`,
    ...says.flatMap(({ id, load }) =>
      'answer' in load
        ? [
            `  ${id}: CPU ${load.answer.cpu} %, memory ${load.answer.memory} %, ${load.answer.connections} of ${load.answer.budget} connections`,
          ]
        : [`  ${id}: not known: ${load.unknown}`],
    ),
    '',
  ].join('\n');
}

function counted(nodes: BoundaryReport['nodes']): string {
  if ('unknown' in nodes) return 'nodes not known';
  return nodes.answer === 1 ? '1 node' : `${nodes.answer} nodes`;
}

function line(what: string, { most, least, why, breathless }: Most): string {
  if (breathless) return `${what}: at least ${most}; beyond it the load generator had no processor left`;
  if (least === undefined) return `${what}: at least ${most}, the most that was tried`;
  return `${what}: ${most}; with ${least} ${why}`;
}
