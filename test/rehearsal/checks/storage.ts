import {
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { unlessRefused } from '../clients';
import { type Check, resourcesOf } from '../observation';

interface Statement {
  readonly Effect: string;
  readonly Action: unknown;
  readonly Principal: unknown;
  readonly Condition?: { readonly Bool?: Readonly<Record<string, unknown>> };
}

/** Every bucket is closed to the public, versioned, encrypted, and refuses what does not come over TLS. */
export const checkStorage: Check = async (seen, evidence, aws) => {
  const { storage, edge, region, operations } = seen.architecture;
  const buckets = resourcesOf(seen, 'AWS::S3::Bucket');
  // Logs, backups and releases in every phase.
  const expected = 3 + (storage.userFiles ? 2 : 0) + (edge === undefined ? 0 : 1) + (operations?.trail ? 1 : 0);
  evidence.equal('buckets', buckets.length, expected);
  const { s3 } = aws(region);
  for (const { physicalId: Bucket, logicalId } of buckets) {
    const { PublicAccessBlockConfiguration: block } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    const closed = [
      block?.BlockPublicAcls,
      block?.BlockPublicPolicy,
      block?.IgnorePublicAcls,
      block?.RestrictPublicBuckets,
    ];
    evidence.equal(`${logicalId}: closed to the public`, closed, [true, true, true, true]);
    evidence.equal(
      `${logicalId}: versions`,
      (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status,
      'Enabled',
    );
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const encryption = ServerSideEncryptionConfiguration?.Rules?.map(
      (rule) => rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
    );
    evidence.equal(`${logicalId}: encryption`, encryption, ['AES256']);
    const { Policy = '{}' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    const { Statement: statements = [] } = JSON.parse(Policy) as { readonly Statement?: readonly Statement[] };
    evidence.holds(`${logicalId}: takes requests without TLS`, statements.some(deniesPlainText));
    const ownership = await unlessRefused(s3.send(new GetBucketOwnershipControlsCommand({ Bucket })));
    const rules = ownership?.OwnershipControls?.Rules?.length;
    evidence.equal(`${logicalId}: ownership rules`, rules, 1, 'bucket ownership');
  }
};

function deniesPlainText({ Effect, Action, Principal, Condition }: Statement): boolean {
  const everyone = JSON.stringify(Principal).includes('"*"');
  return Effect === 'Deny' && Action === 's3:*' && everyone && Condition?.Bool?.['aws:SecureTransport'] === 'false';
}
