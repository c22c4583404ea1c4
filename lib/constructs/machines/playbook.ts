import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** An object as Systems Manager fetches it, and as a permission names it. */
export interface Playbook {
  readonly url: string;
  readonly objectArn: string;
}

/**
 * @param uri `s3://<bucket>/<key>.zip`, in the region of the stack.
 * @throws Error when it is no such URI, which a checked configuration rules out.
 */
export function playbookOf(uri: string, scope: Construct): Playbook {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (bucket === undefined || key === undefined) throw new Error(`${uri} is no object of S3`);
  const stack = Stack.of(scope);
  const objectArn = Arn.format(
    { service: 's3', region: '', account: '', resource: `${bucket}/${key}`, arnFormat: ArnFormat.NO_RESOURCE_NAME },
    stack,
  );
  return { url: `https://${bucket}.s3.${stack.region}.amazonaws.com/${key}`, objectArn };
}
