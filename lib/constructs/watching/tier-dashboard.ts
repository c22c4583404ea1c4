import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Tier, Watch } from './watch';

const WIDTH = 24;
const COLUMNS = 3;
const THREE_HOURS = Duration.hours(3);

export interface TierDashboardProps {
  readonly environment: string;
  readonly tier: Tier;
  /** In alarm while users are unwell. */
  readonly usersUnwell: cloudwatch.IAlarm;
  /** All symptoms, of whatever tier: the first row is the same on every dashboard. */
  readonly symptoms: readonly cloudwatch.IAlarm[];
  /** Watches of this tier. */
  readonly watches: readonly Watch[];
}

/** Dashboard of one tier. The first row answers whether users are well, the second which alarms of the tier are on. */
export class TierDashboard extends Construct {
  constructor(scope: Construct, id: string, props: TierDashboardProps) {
    super(scope, id);
    const { environment, tier, usersUnwell, symptoms, watches } = props;
    const alarms = watches.flatMap(({ urgent, causes }) => [...urgent, ...causes]);
    new cloudwatch.Dashboard(this, 'Dashboard', {
      // Only another name replaces it.
      dashboardName: `${environment}-${tier}`,
      defaultInterval: THREE_HOURS,
      widgets: [
        [status('Are users well?', [usersUnwell, ...symptoms])],
        ...(alarms.length > 0 ? [[status(`Alarms of ${tier}`, alarms)]] : []),
        ...watches.flatMap(({ subject, graphs }) => rows(graphs.map((graph) => ({ subject, ...graph })))),
      ],
    });
  }
}

function status(title: string, alarms: readonly cloudwatch.IAlarm[]): cloudwatch.IWidget {
  return new cloudwatch.AlarmStatusWidget({
    title,
    alarms: [...alarms],
    width: WIDTH,
    // A line holds about four alarms.
    height: 2 + Math.ceil(alarms.length / 4),
  });
}

function rows(graphs: readonly (Watch['graphs'][number] & { readonly subject: string })[]): cloudwatch.IWidget[][] {
  const widgets = graphs.map(
    ({ subject, title, left, right = [], region }) =>
      new cloudwatch.GraphWidget({
        title: `${subject}: ${title}`,
        left: [...left],
        right: [...right],
        leftYAxis: { min: 0 },
        ...(right.length > 0 && { rightYAxis: { min: 0 } }),
        ...(region !== undefined && { region }),
        width: WIDTH / COLUMNS,
      }),
  );
  return Array.from({ length: Math.ceil(widgets.length / COLUMNS) }, (_, row) =>
    widgets.slice(row * COLUMNS, (row + 1) * COLUMNS),
  );
}
