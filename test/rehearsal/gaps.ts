/**
 * What fakecloud 0.51.0 leaves out of resources that it does make. A check that hits a gap expects the live value to
 * be wrong: once it is right, the rehearsal fails until the entry and its mention are removed.
 */
export const GAPS = {
  'stack output': 'Fn::GetStackOutput stays text: references between stacks are deployed as exports (strong)',
  'dynamic reference': '{{resolve:...}} stays text: the password of the cache cannot be compared',
  'managed secret':
    'MasterUserSecret.SecretArn of a cluster stays text, which is no ARN for a policy: policies are deployed with a made-up one',
  'local route': 'the local route of every table names 10.0.0.0/16, whatever the network is',
  'target group attributes': 'deregistration delay and stickiness are not stored',
  'load balancer attributes': 'access logs and the dropping of invalid headers are not stored',
  'listener certificate': 'the certificate of an HTTPS listener is not stored',
  'replica source': 'SourceDBInstanceIdentifier is ignored: replicas are plain instances, unencrypted',
  'database parameters': 'values of a parameter group are not returned',
  'cache parameters': 'values of a cache parameter group are not returned',
  'cache reader endpoint': 'ReaderEndPoint.Address of a replication group stays text',
  'cache logs': 'LogDeliveryConfigurations of a replication group are not stored',
  'default egress': 'a security group whose egress rules are resources of their own keeps the rule that allows all',
  'bucket ownership': 'ownership controls of a bucket are not stored',
  'connection tracking': 'ConnectionTrackingSpecification of a launch template is not stored',
  'raised minimum': 'a group whose minimum is raised keeps the nodes it has',
  'rolling update': 'instances of a group keep the launch template they were started with',
} as const satisfies Record<string, string>;

export type Gap = keyof typeof GAPS;
