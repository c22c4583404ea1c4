import type { Traffic } from '../../../config/traffic-settings';
import type { PageData } from '../page-data';
import { inWords, type Slider, slidersFor } from '../sliders';
import { found } from './elements';

/** Phase and traffic that the reader has chosen. */
export interface Choice {
  readonly phase: number;
  readonly traffic: Traffic;
}

/** The sliders: what they stand at, and what is said of it. The address of the page keeps it. */
export class Controls {
  private readonly sliders: readonly Slider[];
  private readonly phase = found<HTMLInputElement>('phase');

  constructor(
    private readonly data: PageData,
    changed: () => void,
  ) {
    this.sliders = slidersFor(data.traffic);
    const kept = location.hash;
    this.set(data.configured.phase, data.traffic);
    this.read(kept);
    found('controls').addEventListener('input', () => {
      this.say();
      changed();
    });
    found('reset').addEventListener('click', () => {
      this.set(Number(this.phase.value), data.traffic);
      changed();
    });
    this.say();
  }

  get choice(): Choice {
    const moved = this.sliders.map((slider) => [slider.key, this.valueOf(slider)] as const);
    return { phase: Number(this.phase.value), traffic: { ...this.data.traffic, ...Object.fromEntries(moved) } };
  }

  /** Settings that differ from those that the page was written with, as a command takes them. */
  get settings(): string[] {
    const { traffic } = this.choice;
    return this.sliders
      .filter(({ key }) => traffic[key] !== this.data.traffic[key])
      .map(({ key }) => `traffic.${key}=${traffic[key]}`);
  }

  private valueOf({ key, stops }: Slider): number {
    return stops[Number(found<HTMLInputElement>(key).value)] ?? this.data.traffic[key];
  }

  private set(phase: number, traffic: Partial<Traffic>): void {
    this.phase.value = String(phase);
    for (const { key, stops } of this.sliders) {
      const at = stops.indexOf(traffic[key] ?? Number.NaN);
      if (at >= 0) found<HTMLInputElement>(key).value = String(at);
    }
    this.say();
  }

  private say(): void {
    const { phase, traffic } = this.choice;
    const { name = '' } = this.data.phases.find(({ number }) => number === phase) ?? {};
    this.sayOf('phase', `${phase}, ${name}`);
    for (const slider of this.sliders) this.sayOf(slider.key, inWords(slider, traffic[slider.key]));
    const said = new URLSearchParams([['phase', String(phase)], ...this.settings.map((one) => one.split('='))]);
    history.replaceState(undefined, '', `#${said.toString()}`);
  }

  private sayOf(id: string, words: string): void {
    found(id).setAttribute('aria-valuetext', words);
    found(`${id}-value`).textContent = words;
  }

  /** Reads an address that was kept; what is not one of the stops is left as it is. */
  private read(hash: string): void {
    const said = new URLSearchParams(hash.replace(/^#/, ''));
    const moved = this.sliders.flatMap(({ key }) => {
      const value = said.get(`traffic.${key}`);
      return value === null ? [] : [[key, Number(value)] as const];
    });
    const phase = Number(said.get('phase') ?? this.phase.value);
    const isPhase = this.data.phases.some(({ number }) => number === phase);
    this.set(isPhase ? phase : Number(this.phase.value), Object.fromEntries(moved));
  }
}
