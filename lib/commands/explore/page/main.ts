import { architectureOf } from '../../../architecture/phases';
import { Model } from '../model';
import type { PageData } from '../page-data';
import { showBill } from './bill';
import { fill, found } from './elements';
import { showHeadroom } from './headroom';
import { showMonths } from './months';
import { showPicture } from './picture';
import { showSize } from './size';
import { Controls } from './state';
import { announce, showSummary } from './summary';

/** Rest of the sliders after which what takes long is reckoned, and told to a screen reader, milliseconds. */
const REST = 250;

const data = JSON.parse(found('data').textContent ?? '') as PageData;
const model = new Model(data);
const main = document.querySelector('main') ?? document.body;
let drawing = 0;
let resting: ReturnType<typeof setTimeout> | undefined;

/** Draws once for all changes of a frame; what takes long waits until the sliders rest. */
function changed(): void {
  main.setAttribute('aria-busy', 'true');
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(show);
}

function show(): void {
  const { phase: number, traffic } = controls.choice;
  const view = model.view(number, traffic);
  const below = number === 0 ? undefined : model.phase(number - 1);
  showSummary(view, model.contradiction(traffic));
  const drawn = { ...view, below: below && architectureOf({ ...below.configuration, traffic }) };
  showPicture(drawn, traffic);
  showBill(view, model.phases(traffic));
  showHeadroom(view);
  fill('command-lines', commands(number).join('\n'));
  clearTimeout(resting);
  resting = setTimeout(() => {
    showMonths(view, traffic, model);
    showSize(model.size(traffic));
    announce(view);
    main.setAttribute('aria-busy', 'false');
  }, REST);
}

/** Commands that print the same figures. */
function commands(phase: number): string[] {
  const moved = new Set(controls.settings.map(keyOf));
  const written = data.settings.filter((one) => !moved.has(keyOf(one)));
  const settings = [...written, ...controls.settings].map((one) => ` --set ${quoted(one)}`).join('');
  const command = 'npm run --silent beamstalk --';
  return [
    `${command} cost ${phase} --env ${data.environment}${settings}`,
    `${command} capacity ${phase} --env ${data.environment}${settings}`,
    `${command} size --env ${data.environment}${settings}`,
  ];
}

function keyOf(setting: string): string {
  return setting.slice(0, setting.indexOf('='));
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w.=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const controls = new Controls(data, changed);
fill('checked', model.checked);
addEventListener('resize', changed);
changed();
