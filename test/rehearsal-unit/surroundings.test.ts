import { expect, it } from 'vitest';
import { cdkEnvironment } from '../rehearsal/surroundings';

it('lets nothing of the own AWS settings through', () => {
  const own = {
    PATH: '/bin',
    AWS_PROFILE: 'work',
    AWS_SESSION_TOKEN: 'x',
    AWS_ENDPOINT_URL_S3: 'y',
    CDK_DEFAULT_ACCOUNT: '1',
  };
  const env = cdkEnvironment(own, 'http://localhost:1', 'eu-west-1', '/tmp/home');
  expect(env).toMatchObject({ PATH: '/bin', AWS_ENDPOINT_URL: 'http://localhost:1', AWS_REGION: 'eu-west-1' });
  const left = Object.keys(own).filter((name) => name !== 'PATH' && name in env);
  expect(left).toEqual([]);
});
