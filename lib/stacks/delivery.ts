import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { DeliveryPlan } from '../architecture/automation';
import type { NodeFleet } from '../constructs/compute/node-fleet';
import type { DeployedFleet } from '../constructs/delivery/deployed-fleet';
import { DeploymentHold } from '../constructs/delivery/deployment-hold';
import { Deployments } from '../constructs/delivery/deployments';
import { Promotion } from '../constructs/delivery/promotion';
import { ReleaseBuild } from '../constructs/delivery/release-build';
import { ReleasePipeline } from '../constructs/delivery/release-pipeline';
import { Replacement } from '../constructs/delivery/replacement';
import { Scripts } from '../constructs/delivery/scripts';
import type { Watch } from '../constructs/watching/watch';
import type { AppStack } from './app';
import type { DataStack } from './data';

export interface DeliveryStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly plan: DeliveryPlan;
  readonly data: DataStack;
  readonly app: AppStack;
  /** Nodes that run the release and that nobody connects to, from phase 5. */
  readonly workers?: NodeFleet;
}

/** How a release is built and reaches the nodes. */
export class DeliveryStack extends Stack {
  /** What is watched here, for whoever shows it and calls. */
  readonly watches: Watch[] = [];

  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    const { architecture, plan, data, app, workers, ...rest } = props;
    super(scope, id, rest);
    const { environment, node, logDays } = architecture;
    const { tiers } = app;
    const bucket = data.buckets.releases;
    if (tiers === undefined) throw new Error('releases are delivered to fleets');
    const fleets: DeployedFleet[] = [
      { name: 'App', tag: `${environment}-app`, fleet: tiers.app, front: tiers.appFront },
      ...(workers ? [{ name: 'Worker', tag: `${environment}-worker`, fleet: workers }] : []),
    ];
    const scripts = new Scripts(this, 'Scripts');
    const { source, mode, rollout } = plan;

    let delivery: Deployments | Replacement;
    if (mode === 'blue-green') {
      const handedOverIn = source && bucket;
      delivery = new Replacement(this, 'Replacement', { environment, rollout, fleets, scripts, logDays, handedOverIn });
    } else {
      delivery = new Deployments(this, 'Deployments', { rollout, fleets });
      new Promotion(this, 'Promotion', { environment, deployments: delivery, bucket, scripts, logDays });
      this.watches.push(new DeploymentHold(this, 'Hold', { environment, deployments: delivery, logDays }).watch);
    }
    if (source) {
      const build = new ReleaseBuild(this, 'Release', { environment, plan, node, bucket, scripts, logDays });
      new ReleasePipeline(this, 'Pipeline', { environment, source, bucket, build, delivery });
    }
  }
}
