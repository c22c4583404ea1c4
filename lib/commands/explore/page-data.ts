import type { Configuration } from '../../config/configuration';
import type { Traffic } from '../../config/traffic-settings';
import type { Templates } from '../../template/template';
import type { Finding } from '../../verdict/finding';

/** Everything that a page is written with; it reckons the rest by itself. Plain data, which JSON holds. */
export interface PageData {
  readonly version: 1;
  readonly environment: string;
  readonly region: string;
  /** Day on which the page was written: ISO 8601, UTC. */
  readonly written: string;
  /** Traffic that the environment's file expects: where the sliders begin. */
  readonly traffic: Traffic;
  /** The environment as its file has it, from which `size` begins: as far as `shownConfiguration` shows it. */
  readonly configured: Configuration;
  /** Settings of the command line that the page was written with, as `key=value`. */
  readonly settings: readonly string[];
  readonly phases: readonly PhaseData[];
}

export interface PhaseData {
  readonly number: number;
  readonly name: string;
  /** One line for people: what the phase adds. */
  readonly adds: string;
  /** As far as `shownConfiguration` shows it. */
  readonly configuration: Configuration;
  /** Templates of the phase, as far as the bill reads them: see `reducedForBill`. */
  readonly templates: Templates;
  /** The step from the phase below; absent in the first. */
  readonly step?: StepData;
}

/** The step from the phase below in one deployment, as `beamstalk diff` judges it. */
export interface StepData {
  readonly moves?: 'data' | 'traffic';
  readonly adds: number;
  readonly replaces: number;
  readonly removes: number;
  /** Findings of the verdict that are more than notes. */
  readonly findings: readonly StepFinding[];
  /** Interruptions that users notice while it is deployed. */
  readonly interruptions: readonly string[];
}

export interface StepFinding extends Pick<Finding, 'message' | 'remedy'> {
  readonly severity: 'needs-migration' | 'refused';
  /** Resource that it is about, in AWS's words: `RDS database`. */
  readonly what?: string;
}
