import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { isSigned, KEY } from './signed';

/** Credentials as the environment of a program has them, and as instance metadata gives them. */
export const IN_ENVIRONMENT = { AWS_ACCESS_KEY_ID: KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey };
export const OF_INSTANCE = { AccessKeyId: KEY.accessKeyId, SecretAccessKey: KEY.secretAccessKey };

type Answer = Readonly<Record<string, string>> | { readonly status: number };
/** An answer, or what gives the one of the moment. */
type Answering = Answer | (() => Answer);

interface Body {
  readonly Name: string;
  readonly Names: string[];
  readonly Value: string;
}

interface Asked {
  readonly names: readonly string[];
  readonly at: number;
  readonly signed: boolean;
  readonly token?: string;
}

/**
 * Parameter Store, which gives the answers in turn, the last one for ever; what it was asked, and what was put into it, which it
 * forgets.
 *
 * @param given Answers of instance metadata at the same address: path -> text.
 */
export async function parameterStore(answers: readonly Answering[], given: Readonly<Record<string, string>> = {}) {
  const asked: Asked[] = [];
  const puts: { readonly name: string; readonly value: string; readonly signed: boolean }[] = [];
  const server = createServer((request, response) => {
    void readAll(request).then(async (body) => {
      if (request.url?.startsWith('/latest/') === true) {
        const path = request.url.slice('/latest/'.length);
        const allowed = request.method === 'PUT' || request.headers['x-aws-ec2-metadata-token'] === given['api/token'];
        response.writeHead(allowed && path in given ? 200 : 404).end(given[path]);
        return;
      }
      const { Name: one = '', Names = [one], Value } = JSON.parse(body) as Partial<Body>;
      const token = request.headers['x-amz-security-token'];
      const signed = await isSigned('ssm', request.headers, body);
      if (Value !== undefined) {
        puts.push({ name: one, value: Value, signed });
        response.writeHead(200).end('{"Version":1}');
        return;
      }
      asked.push({ names: Names, at: performance.now(), signed, ...(typeof token === 'string' && { token }) });
      const next = answers[Math.min(asked.length, answers.length) - 1] ?? {};
      const answer = typeof next === 'function' ? next() : next;
      if (typeof answer['status'] === 'number') {
        response.writeHead(answer['status']).end('{"__type":"ThrottlingException","message":"Rate exceeded"}');
        return;
      }
      const Parameters = Object.entries(answer).flatMap(([name, Value]) => {
        const Name = `/beamstalk/dev/${name}`;
        return Names.includes(Name) ? [{ Name, Value }] : [];
      });
      const [Parameter] = Parameters;
      if (request.headers['x-amz-target'] !== 'AmazonSSM.GetParameter') {
        response.writeHead(200).end(JSON.stringify({ Parameters, InvalidParameters: [] }));
      } else if (Parameter === undefined) {
        response.writeHead(400).end('{"__type":"ParameterNotFound"}');
      } else {
        response.writeHead(200).end(JSON.stringify({ Parameter }));
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, puts };
}

async function readAll(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) body += String(part);
  return body;
}
