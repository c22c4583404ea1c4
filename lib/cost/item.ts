import type { Traffic } from '../config/traffic-settings';
import type { Place } from '../template/references';
import type { TemplateResource } from '../template/template';
import type { Survey } from './survey';

/** Part of the system that a cost belongs to. */
export const TIERS = [
  'compute',
  'load balancing',
  'edge',
  'network',
  'data',
  'cache',
  'queues',
  'warehouse',
  'delivery',
  'operations',
] as const;

export type Tier = (typeof TIERS)[number];

/** A quantity of one price. */
export interface Item {
  /** Words for people, for example `3 c7i.xlarge`. */
  readonly what: string;
  /** Id in the price book. */
  readonly price: string;
  /** Units a month. */
  readonly quantity: number;
  readonly tier: Tier;
  /** `fixed` is in the template; `usage` follows from `traffic` and what is assumed. */
  readonly kind: 'fixed' | 'usage';
  /** Least and greatest quantity that scaling may make of it; left out, it stays. */
  readonly range?: readonly [number, number];
}

/** A part that has a price, which is not known here. */
export interface Unknown {
  readonly unknown: string;
}

/** A thing that a bill says beside its lines: it changes no figure. */
export interface Remark {
  readonly remark: string;
}

export type Part = Item | Unknown | Remark;

/** One resource, and all that its price depends on. */
export interface Asked extends Place {
  readonly resource: TemplateResource;
  readonly survey: Survey;
  readonly traffic: Traffic;
}

/** Prices the resources of one type. */
export type Rule = (asked: Asked) => readonly Part[];

export type Rules = Readonly<Record<string, Rule>>;
