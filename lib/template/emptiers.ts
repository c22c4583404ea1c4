/**
 * Custom resources of the CDK that empty a store when they leave it, with the property that names the store. Their other
 * properties touch nothing in it.
 *
 * Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3.Bucket.html#autodeleteobjects
 */
export const EMPTIERS: Readonly<Record<string, string>> = {
  'Custom::ECRAutoDeleteImages': 'RepositoryName',
  'Custom::S3AutoDeleteObjects': 'BucketName',
};
