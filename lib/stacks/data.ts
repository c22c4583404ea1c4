import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import { DataVolume } from '../constructs/box/data-volume';
import { Valkey } from '../constructs/cache/valkey';
import { Postgres } from '../constructs/database/postgres';
import { Readers } from '../constructs/database/readers';
import { subnetGroupOf } from '../constructs/database/subnet-group';
import { PublishedParameters } from '../constructs/parameters/published-parameters';
import { EnvironmentBuckets } from '../constructs/storage/environment-buckets';
import type { NetworkStack } from './network';
import { keepPublished } from './published-output';
import { tell } from './told-output';

export interface DataStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly network: NetworkStack;
}

/** Everything that holds data. It knows nothing of those who use it: they ask for access themselves. */
export class DataStack extends Stack {
  readonly buckets: EnvironmentBuckets;
  readonly database?: Postgres;
  /** In the account and in the template, and used by nobody. */
  readonly formerDatabase?: Postgres;
  readonly readers?: Readers;
  readonly cache?: Valkey;

  constructor(scope: Construct, id: string, { architecture, network, ...props }: DataStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment, storage, localDatabase, database, formerDatabase, cache, edge, logDays } = architecture;
    const { vpc, firstZone } = network;

    this.buckets = new EnvironmentBuckets(this, 'Buckets', { environment, plan: storage, edge: edge !== undefined });
    // The single server keeps dumps there; the climb that retires it may be taken back.
    keepPublished(this, this.buckets.backups.bucketArn);
    // Wherever it lives: the same parameter in every phase.
    const name = database?.name ?? localDatabase?.name;
    if (name !== undefined) new PublishedParameters(this, 'Name', { environment, topic: 'database', values: { name } });
    if (localDatabase) {
      new DataVolume(this, 'BoxData', { environment, plan: localDatabase, availabilityZone: firstZone });
    }
    const single = database ?? formerDatabase;
    if (single) {
      // Nobody is told of a former one, but those who are taken back to their templates of before find it.
      const published = database !== undefined;
      const writer = new Postgres(this, 'Database', { environment, plan: single, vpc, published });
      // Of the mover of a climb, when its contraction is taken back.
      keepPublished(this, writer.secretArn);
      const { readers } = single;
      if (readers) {
        const built = new Readers(this, 'Readers', { environment, plan: readers, vpc, writer, published });
        if (published) this.readers = built;
        else for (const replica of built.replicas) keepPublished(this, replica.instanceIdentifier);
      }
      if (published) {
        this.database = writer;
        tell(this, 'DatabaseAddress', writer.instance.dbInstanceEndpointAddress, 'PostgreSQL, from within the network');
      } else {
        this.formerDatabase = writer;
        keepPublished(this, writer.instance.instanceIdentifier);
        keepPublished(this, subnetGroupOf(writer.instance));
      }
    }
    if (cache) this.cache = new Valkey(this, 'Cache', { environment, plan: cache, vpc, logDays });
  }
}
