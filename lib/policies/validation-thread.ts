import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { PolicyValidationPluginReport, PolicyValidationStack } from 'aws-cdk-lib';

/** Data that the thread is given as it starts. */
export interface ThreadData {
  readonly port: MessagePort;
  /** One element, an index of `STATES`, that both threads see. */
  readonly state: Int32Array;
}

/** A request to be ready for resources of these types, or to validate. */
export type ThreadRequest =
  | { readonly kind: 'expect'; readonly types: readonly string[] }
  | { readonly kind: 'validate'; readonly stackTemplates: readonly PolicyValidationStack[] };

export interface ThreadAnswer {
  readonly report: PolicyValidationPluginReport;
  /** Version of the validator. */
  readonly version: string | undefined;
}

const STATES = ['waiting', 'answered', 'ended'] as const;
type State = (typeof STATES)[number];

/** Milliseconds after which a thread is given up. Assumed: on a machine with ten programs per core it took 30 seconds. */
const PATIENCE = 300_000;

/**
 * A thread in which AWS's template validator starts while this one still builds the templates. Its engine takes most of the
 * time that a phase takes to build (0.8 s against 0.6 s of phase 3 on two cores, 2026-12-01), the same for every app.
 * This file leaves the constructs library to the thread, so that the start need not wait until it is loaded here.
 */
export class ValidationThread {
  private readonly port: MessagePort;
  private failed = false;
  private readonly state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  /** @param program path of a bundle that calls `serveValidation`. */
  constructor(program: string) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const workerData: ThreadData = { port: port2, state: this.state };
    const worker = new Worker(program, { workerData, transferList: [port2] });
    // A fault in the thread shows as an answer that does not come. A program that has ended waits for no thread.
    worker.on('error', () => wake(this.state, 'ended'));
    worker.unref();
    port1.unref();
  }

  /** Says which types of resources there will be, as soon as that is known. */
  expect(types: readonly string[]): void {
    this.send({ kind: 'expect', types });
  }

  /** Waits for the report on these templates. Without an answer, now and later, the thread has ended by a fault. */
  validate(stackTemplates: readonly PolicyValidationStack[]): ThreadAnswer | undefined {
    if (this.failed) return undefined;
    this.send({ kind: 'validate', stackTemplates });
    Atomics.wait(this.state, 0, STATES.indexOf('waiting'), PATIENCE);
    const answer: { message: ThreadAnswer } | undefined = receiveMessageOnPort(this.port);
    this.failed = answer === undefined;
    Atomics.compareExchange(this.state, 0, STATES.indexOf('answered'), STATES.indexOf('waiting'));
    return answer?.message;
  }

  private send(request: ThreadRequest): void {
    this.port.postMessage(request);
  }
}

/** Sets the state, and lets the thread that waits for it go on. */
export function wake(state: Int32Array, to: State): void {
  Atomics.store(state, 0, STATES.indexOf(to));
  Atomics.notify(state, 0);
}
