import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT } from '../rehearsal/surroundings';
import { startJavaPeer } from './java-peer';
import type { Peer } from './peer';

const REGION = 'us-east-1';

/**
 * Starts ElasticMQ (Apache-2.0), empty and in memory: SQS with FIFO queues, visibility and redrive to dead-letter queues.
 * Fetched from Maven Central into the user's cache on the first call (37 MB).
 */
export function startSqs(): Promise<Peer> {
  return startJavaPeer({
    program: { name: 'elasticmq', group: 'org.elasticmq', artifact: 'elasticmq-server_2.13', version: '1.7.1' },
    mainClass: 'org.elasticmq.server.Main',
    region: REGION,
    options: (port, _home, work) => {
      const file = join(work, 'elasticmq.conf');
      writeFileSync(file, configuration(port));
      return [`-Dconfig.file=${file}`];
    },
    args: () => [],
  });
}

function configuration(port: number): string {
  return `include classpath("application.conf")
node-address { protocol = http, host = localhost, port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
aws { region = ${REGION}, accountId = "${ACCOUNT}" }
`;
}
