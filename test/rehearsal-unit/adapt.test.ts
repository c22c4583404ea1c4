import { expect, it } from 'vitest';
import { adaptTemplate } from '../rehearsal/adapt';

it('changes the ARN of a managed secret and nothing else', () => {
  const secret = { 'Fn::GetAtt': ['Database', 'MasterUserSecret.SecretArn'] };
  const endpoint = { 'Fn::GetAtt': ['Database', 'Endpoint.Address'] };
  const { template, changes } = adaptTemplate({
    Outputs: { A: { Value: secret }, B: { Value: endpoint } },
    list: [1, null],
  });
  expect(changes).toBe(1);
  expect(template).toEqual({
    Outputs: {
      A: {
        Value: {
          'Fn::Sub': 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:rds!db-${Database}',
        },
      },
      B: { Value: endpoint },
    },
    list: [1, null],
  });
});
