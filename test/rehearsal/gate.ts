import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { devNull } from 'node:os';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { GateEvent, GateProperties, handler as Handler } from '../../lambda/phase-gate/handler';
import { movedParts } from '../../lib/architecture/moved-parts';
import { PHASES } from '../../lib/architecture/phases';
import type { ClimbState } from '../../lib/climb/gate-rules';
import { textOfPlace } from '../../lib/climb/said-place';
import { projectPath } from '../../lib/facts/project-path';
import type { Clients } from './clients';
import type { Evidence } from './evidence';
import { withWriters } from './history';
import { nameOf } from './states';
import { CREDENTIALS } from './surroundings';

interface Answer {
  readonly Status: string;
  readonly Reason: string;
}

/**
 * The gate of an environment, asked before each deployment. The engine's own custom resource cannot run, so the same
 * code, as bundled for Lambda, is handed the events of CloudFormation here, and reads the engine's parameters.
 */
export class Gate {
  constructor(
    private readonly environment: string,
    private readonly endpoint: string,
    private readonly region: string,
    private readonly aws: Clients,
    private readonly functionsAt: (state: ClimbState) => readonly string[],
  ) {}

  /** Checks that the gate lets a step through, and refuses the ways around it. */
  async check(before: ClimbState, after: ClimbState, evidence: Evidence): Promise<void> {
    const step = `gate, from ${nameOf(before)} to ${nameOf(after)}`;
    if (after.from !== undefined) {
      const straight = await this.ask(before, { phase: after.phase });
      evidence.equal(`${step}: going straight`, straight.Status, 'FAILED');
      evidence.holds(
        `${step}: the refusal says to expand; it said ${straight.Reason}`,
        straight.Reason.includes(`--context phase=${after.phase} --context from=${after.from}`),
      );
    }
    if (before.from !== undefined) {
      const climb = `${before.from}-${before.phase}`;
      const early = await this.ask(before, after);
      evidence.equal(`${step}: contracting before ${climb} is verified`, early.Status, 'FAILED');
      await this.recordMigration(before, climb, evidence);
    }
    const answer = await this.ask(before, after);
    evidence.equal(`${step}: ${answer.Reason}`, answer.Status, 'SUCCESS');
    const down = await this.ask(after, { phase: before.from ?? before.phase });
    // An expansion may be given up while nothing has moved, which traffic does with the expansion itself; everything
    // else downwards is refused.
    const movesData = PHASES[after.phase]?.moves === 'data';
    evidence.equal(`${step}: going back`, down.Status, after.from === before.phase && movesData ? 'SUCCESS' : 'FAILED');
  }

  private async ask(before: ClimbState, after: ClimbState): Promise<Answer> {
    const { Stacks = [] } = await this.aws.cloudFormation.send(
      new DescribeStacksCommand({ StackName: `${this.environment}-gate` }),
    );
    let answer: Answer | undefined;
    const box = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        answer = JSON.parse(Buffer.concat(chunks).toString()) as Answer;
        response.end();
      });
    });
    await new Promise<void>((listening) => box.listen(0, '127.0.0.1', listening));
    try {
      const event: GateEvent = {
        RequestType: 'Update',
        ResponseURL: `http://127.0.0.1:${(box.address() as AddressInfo).port}/`,
        StackId: Stacks[0]?.StackId ?? '',
        RequestId: `${nameOf(before)}-${nameOf(after)}`,
        LogicalResourceId: 'GateClimb',
        PhysicalResourceId: 'beamstalk-phase-gate',
        ResourceProperties: this.properties(after),
        OldResourceProperties: this.properties(before),
      };
      await withWriters(this.endpoint, (address) => this.run(event, address));
    } finally {
      box.closeAllConnections();
      box.close();
    }
    return answer ?? { Status: 'none', Reason: 'the gate gave no answer' };
  }

  /** Records a migration as it is recorded: traffic by whoever has looked, data by the mover. */
  private async recordMigration(before: ClimbState, climb: string, evidence: Evidence): Promise<void> {
    const now = new Date().toISOString();
    const phase = PHASES[before.phase];
    const parts = phase === undefined ? [] : movedParts(phase, this.functionsAt(before));
    await this.put(`climb/verified/${climb}`, now);
    if (parts.length === 0) return;
    const typed = await this.ask(before, { phase: before.phase });
    evidence.equal(`gate: contracting ${climb} by a time that somebody has typed`, typed.Status, 'FAILED');
    for (const { name, function: own, topic, words } of parts) {
      const target = await this.value(`${topic}/endpoint`);
      const source = own === undefined ? 'box' : await this.value('database/endpoint');
      const moved = {
        environment: this.environment,
        climb,
        ...(own !== undefined && { function: own }),
        source,
        target,
      };
      const number = { begun: Math.floor(Date.parse(now) / 1000), epoch: 1 };
      const compared = { ...number, tables: 1, rows: 7, digest: 'ab'.repeat(32), verifiedAt: now };
      await this.put(`climb/verified/${name}`, JSON.stringify({ ...moved, ...compared }));
      await this.put(`${topic}/source`, textOfPlace({ place: words.target, number }));
    }
  }

  private async put(name: string, Value: string): Promise<void> {
    const Name = `/beamstalk/${this.environment}/${name}`;
    await this.aws.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  }

  private async value(name: string): Promise<string | undefined> {
    const command = new GetParameterCommand({ Name: `/beamstalk/${this.environment}/${name}` });
    return (await this.aws.ssm.send(command)).Parameter?.Value;
  }

  private properties(state: ClimbState): GateProperties {
    const { phase, from } = state;
    const functions = this.functionsAt(state);
    return {
      Environment: this.environment,
      Phase: String(phase),
      ...(from !== undefined && { From: String(from) }),
      ...(functions.length > 0 && { Functions: functions }),
    };
  }

  private async run(event: GateEvent, parameterStore: string): Promise<void> {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ENDPOINT_URL_SSM: parameterStore,
      AWS_REGION: this.region,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
    });
    const { handler } = createRequire(import.meta.url)(projectPath('.build', 'lambda', 'phase-gate', 'handler.js')) as {
      handler: typeof Handler;
    };
    const { log } = console;
    // What the function writes to its log would stand between the lines of the rehearsal.
    console.log = () => undefined;
    try {
      await handler(event, { getRemainingTimeInMillis: () => 60_000 });
    } finally {
      console.log = log;
    }
  }
}
