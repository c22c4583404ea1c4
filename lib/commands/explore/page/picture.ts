import type { Architecture } from '../../../architecture/architecture';
import type { Traffic } from '../../../config/traffic-settings';
import type { PhaseData, StepData } from '../page-data';
import { LANE_NAMES, LANES, type PictureBox, pictureOf } from '../parts';
import { element, fill } from './elements';

const CHANGES: Readonly<Record<PictureBox['change'], string>> = {
  stays: '',
  added: 'new',
  changed: 'changed',
  retired: 'retired',
};

export interface Drawn {
  readonly phase: PhaseData;
  readonly architecture: Architecture;
  /** The architecture of the phase below. */
  readonly below: Architecture | undefined;
}

/** The picture: a row for each part of the way from a user to the data, and boxes with what the step does to them. */
export function showPicture({ phase, architecture, below }: Drawn, traffic: Traffic): void {
  const boxes = pictureOf(architecture, below);
  fill('adds', below === undefined ? `Phase ${phase.number} is the first: ${phase.adds}.` : `Adds ${phase.adds}.`);
  const lanes = LANES.flatMap((lane) => {
    const inLane = boxes.filter((box) => box.lane === lane);
    if (inLane.length === 0) return [];
    const id = `lane-${lane}`;
    return [
      element(
        'section',
        { class: `lane ${lane}`, 'aria-labelledby': id },
        element('h3', { id }, LANE_NAMES[lane]),
        element('ul', { class: 'boxes' }, ...inLane.map((box) => boxOf(box, phase.step))),
      ),
    ];
  });
  fill('lanes', usersLane(traffic), ...lanes);
  fill(
    'key',
    ...Object.keys(KEY)
      .filter((name) => document.querySelector(`#lanes .${name}`) !== null)
      .map(keyRow),
  );
  fill('step', ...stepWords(phase));
}

function usersLane({ users, connections }: Traffic): HTMLElement {
  const words = `${users.toLocaleString('en-US')} users, ${connections.toLocaleString('en-US')} connections open at the peak`;
  return element('p', { class: 'users' }, words);
}

/** Meaning of the looks of a box. */
const KEY: Readonly<Record<string, string>> = {
  added: 'new in this phase',
  changed: 'changed by it',
  retired: 'retired by it',
  risk: 'data at risk',
};

function keyRow(name: string): HTMLElement {
  return element('li', {}, element('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }), KEY[name] ?? '');
}

function boxOf({ title, detail, change, data }: PictureBox, step: StepData | undefined): HTMLElement {
  const leaves = change === 'retired' && data !== undefined && step?.moves === 'data';
  const risk = leaves ? 'its data have to move before it goes' : data?.risk;
  const atRisk = risk !== undefined && (change !== 'retired' || leaves);
  return element(
    'li',
    { class: `box ${change}${atRisk ? ' risk' : ''}` },
    ...(CHANGES[change] === '' ? [] : [element('span', { class: 'tag' }, CHANGES[change])]),
    element('strong', {}, title),
    element('span', {}, detail),
    ...(atRisk ? [element('span', { class: 'why' }, `Data at risk: ${risk}`)] : []),
  );
}

/** Says what the step from the phase below means, as `beamstalk diff` says it. */
function stepWords({ number, step }: PhaseData): HTMLElement[] {
  if (step === undefined) return [];
  const { adds, replaces, removes, findings, interruptions, moves } = step;
  const counts = `${adds} resources added, ${replaces} replaced, ${removes} removed`;
  const state = findings.some(({ severity }) => severity === 'refused')
    ? 'in one deployment it is refused'
    : findings.length > 0
      ? 'not in one deployment'
      : 'safe in one deployment';
  const items = findings.map(({ what, message, remedy }) =>
    element(
      'li',
      {},
      what === undefined ? message : `${what}: ${message}`,
      ...(remedy === undefined ? [] : [element('br'), element('span', { class: 'small' }, remedy)]),
    ),
  );
  const noticed = interruptions.map((one) => element('li', {}, `Users may notice: ${one}`));
  const moved = moves === undefined ? '' : ` It moves ${moves}.`;
  return [
    element('h3', {}, `The step from phase ${number - 1}: ${state}`),
    element('p', {}, `${counts}.${moved}`),
    ...(items.length + noticed.length > 0 ? [element('ul', {}, ...items, ...noticed)] : []),
  ];
}
