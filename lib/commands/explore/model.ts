import type { Architecture } from '../../architecture/architecture';
import { architectureOf } from '../../architecture/phases';
import { type Bottleneck, type Capacity, capacityOf, carries, firstBottleneck } from '../../capacity/capacity';
import { type Ceiling, type Tier, taken } from '../../capacity/ceiling';
import { ASSUMED_WORK } from '../../capacity/measured';
import { cheapestRelief, type Relief } from '../../capacity/relief';
import { catalogueOf } from '../../capacity/size/catalogue';
import { type Answer, sizesFor } from '../../capacity/size/search';
import type { Configuration } from '../../config/configuration';
import { TRAFFIC_CHECKS } from '../../config/traffic-checks';
import type { Traffic } from '../../config/traffic-settings';
import { type PriceBook, priceBook } from '../../cost/price-book';
import { type Bill, billOfResolved } from '../../cost/resolved-bill';
import { type SideReport, sideReport } from '../cost/report';
import { pricesOf } from '../size/prices';
import type { PageData, PhaseData } from './page-data';

/** Headroom that `beamstalk size` keeps unless it is told otherwise. */
export const HEADROOM = 0.3;

/** One phase under one traffic: the figures of `cost --json` and `capacity --json`. */
export interface View {
  readonly phase: PhaseData;
  readonly architecture: Architecture;
  readonly bill: SideReport;
  readonly capacity: Capacity;
  readonly first?: Bottleneck;
  readonly relief?: Relief;
}

/** One phase beside the others. */
export interface PhaseCost {
  readonly number: number;
  readonly name: string;
  readonly fixed: number;
  readonly usage: number;
  /** True when every ceiling holds, without headroom. */
  readonly carries: boolean;
}

/** Reckons by the very modules of the command line, from what a page was written with. */
export class Model {
  private readonly book: PriceBook;

  constructor(readonly data: PageData) {
    const book = priceBook(data.region);
    if (book === undefined) throw new Error(`a page was written for ${data.region}, of which there are no prices`);
    this.book = book;
  }

  /** Day on which the prices were compared with their sources. */
  get checked(): string {
    return this.book.checked;
  }

  phase(number: number): PhaseData {
    const phase = this.data.phases.find((one) => one.number === number);
    if (phase === undefined) throw new Error(`there is no phase ${number}`);
    return phase;
  }

  view(number: number, traffic: Traffic): View {
    const phase = this.phase(number);
    const configuration = { ...phase.configuration, traffic };
    const architecture = architectureOf(configuration);
    const capacity = capacityOf(architecture, traffic);
    const first = firstBottleneck(capacity);
    const relief = first && cheapestRelief(configuration, first.ceiling, pricesOf(this.book).of, ASSUMED_WORK);
    const bill = sideReport(`phase ${number}`, this.bill(phase, traffic), traffic);
    return { phase, architecture, bill, capacity, ...(first && { first }), ...(relief && { relief }) };
  }

  bill({ templates }: PhaseData, traffic: Traffic): Bill {
    return billOfResolved(templates, traffic, this.book);
  }

  /** Every phase under one traffic. */
  phases(traffic: Traffic): PhaseCost[] {
    return this.data.phases.map((phase) => {
      const { fixed, usage } = this.bill(phase, traffic);
      const architecture = architectureOf({ ...phase.configuration, traffic });
      const { number, name } = phase;
      return { number, name, fixed, usage, carries: carries(capacityOf(architecture, traffic), 0) };
    });
  }

  /** The cheapest size that carries the traffic, as `beamstalk size` finds it. */
  size(traffic: Traffic): Answer {
    const configuration: Configuration = { ...this.data.configured, traffic };
    return sizesFor({
      ...{ configuration, headroom: HEADROOM, survive: [], work: ASSUMED_WORK, prices: pricesOf(this.book) },
      catalogue: catalogueOf(configuration.release.architecture),
    });
  }

  /** Complaint of a command about a traffic that contradicts itself; undefined when it does not. */
  contradiction(traffic: Traffic): string | undefined {
    const configuration: Configuration = { ...this.data.configured, traffic };
    for (const { keys, violated } of TRAFFIC_CHECKS) {
      const allowed = violated(configuration, configuration.phase);
      if (typeof allowed === 'string') return `${keys[0]} must be ${allowed}`;
    }
    return undefined;
  }
}

/** The ceiling of each tier that most of is taken of in the ordinary case, in the order of the tiers. */
export function tightest({ ceilings }: Capacity): Ceiling[] {
  const worst = new Map<Tier, Ceiling>();
  for (const ceiling of ceilings.filter(({ event }) => event === undefined)) {
    const known = worst.get(ceiling.tier);
    if (known === undefined || rank(ceiling) > rank(known)) worst.set(ceiling.tier, ceiling);
  }
  return [...worst.values()];
}

/** One that stays as it is counts behind those that grow, unless it is passed: as for the first bottleneck. */
function rank(ceiling: Ceiling): number {
  const share = taken(ceiling);
  return ceiling.fixed && share <= 1 ? share - 2 : share;
}
