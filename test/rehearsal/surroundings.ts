import { devNull } from 'node:os';

/** The account that the engine gives to the credentials below. */
export const ACCOUNT = '000000000000';

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The environment of every child: nothing of the user's own AWS, CDK or engine settings reaches it. */
export function cleanEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(AWS|CDK|FAKECLOUD|CARGO_TARGET)_/;
  return Object.fromEntries(Object.entries(own).filter(([name]) => !foreign.test(name)));
}

/** What makes the CDK's command line talk to an engine instead of AWS. */
export function cdkEnvironment(
  own: NodeJS.ProcessEnv,
  endpoint: string,
  region: string,
  home: string,
): NodeJS.ProcessEnv {
  return {
    ...cleanEnvironment(own),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    // It remembers which account a key belongs to, across engines.
    CDK_HOME: home,
    CDK_NOTICES: 'false',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NO_PROXY: 'localhost,127.0.0.1',
    NO_COLOR: '1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
