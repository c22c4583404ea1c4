import { createServer } from 'node:http';

/** Version 2 of the instance metadata service, for the credentials of one role. */
export interface InstanceMetadata {
  readonly endpoint: string;
  /** Number of times that credentials were asked for. */
  readonly asked: () => number;
  readonly stop: () => void;
}

const TOKEN = 'token of a session';

/** Credentials that it hands out. */
export const CREDENTIALS = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret', Token: 'session/token+=' } as const;

export function startInstanceMetadata(): Promise<InstanceMetadata> {
  let asked = 0;
  const server = createServer((request, response) => {
    const answer = (status: number, body: string): void => {
      response.writeHead(status).end(body);
    };
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      answer(request.headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined ? 400 : 200, TOKEN);
    } else if (request.headers['x-aws-ec2-metadata-token'] !== TOKEN) {
      // As an instance answers that asks for a token.
      answer(401, '');
    } else if (request.url === '/latest/meta-data/iam/security-credentials/') {
      answer(200, 'node-role');
    } else if (request.url === '/latest/meta-data/iam/security-credentials/node-role') {
      asked += 1;
      const Expiration = new Date(Date.now() + 6 * 3600 * 1000).toISOString().replace(/\.\d+Z/, 'Z');
      answer(200, JSON.stringify({ Code: 'Success', Type: 'AWS-HMAC', ...CREDENTIALS, Expiration }));
    } else {
      answer(404, '');
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({
        endpoint: `http://127.0.0.1:${port}`,
        asked: () => asked,
        stop: () => {
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}
