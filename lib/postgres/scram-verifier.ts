import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** Default of PostgreSQL (`scram_iterations`). */
const ITERATIONS = 4096;

/**
 * The verifier that PostgreSQL keeps instead of a password. `ALTER ROLE ... PASSWORD` takes it in place of one, so that
 * no log of the server, of slow statements among them, ever holds the password.
 *
 * Source: https://www.postgresql.org/docs/17/catalog-pg-authid.html, RFC 5803
 *
 * @param password Printable ASCII, for which normalising (SASLprep) changes nothing.
 * @throws Error for any other password.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new Error('expected a password of printable ASCII characters');
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest();
  const server = keyed('Server Key');
  const [saltText, storedText, serverText] = [salt, stored, server].map((part) => part.toString('base64'));
  return `SCRAM-SHA-256$${ITERATIONS}:${saltText}$${storedText}:${serverText}`;
}
