import { freePort } from '../rehearsal/free-port';
import type { Certified } from './authority';
import { type Environment, run, type Service, start, until } from './machine';

const PASSWORD = 'cache password';

/** Valkey with TLS and a password, as ElastiCache is. */
export interface Cache {
  /** The variables that a node writes for it. */
  readonly environment: Environment;
  readonly keys: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export async function startCache({ authority, certificate, key }: Certified): Promise<Cache> {
  const port = await freePort();
  let server: Service;
  const client = (...words: string[]) =>
    run('valkey', { REDISCLI_AUTH: PASSWORD }, [
      ...['valkey-cli', '--tls', '--cacert', authority, '-h', 'localhost', '-p', String(port), ...words],
    ]);
  const begin = async (): Promise<void> => {
    server = start('valkey', {}, [
      ...['valkey-server', '--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', ''],
      ...['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', authority],
      ...['--tls-auth-clients', 'no', '--requirepass', PASSWORD],
    ]);
    await until('Valkey', async () => (await client('ping')).lines.includes('PONG'));
  };
  await begin();
  return {
    environment: {
      ...{ CACHE_HOST: 'localhost', CACHE_PORT: String(port), CACHE_SSL: 'true', CACHE_CA_FILE: authority },
      ...{ CACHE_USERNAME: 'default', CACHE_PASSWORD: PASSWORD },
    },
    keys: async () => (await client('keys', '*')).lines,
    start: begin,
    stop: async () => {
      await server.stop();
    },
  };
}
