import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type DriftReport } from '../drift/drift-report';
import { type Span } from '../span';
import { type FoldState, type Traffic } from '../traffic';
import { type EngineCall, type EngineCalls, type EngineMessage, type EngineOptions } from './engine-messages';
import { type DriftRequest, type MonitoringEngine } from './monitoring-engine';

/** Told what goes wrong in the thread; null when it works again. */
export type OnEngineProblem = (message: string | null) => void;

/** A thread that ended although nobody closed it begins anew after this time. */
const RESTART_AFTER_MS = 5000;

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Asks the engine in its thread, and starts the thread again should it end. */
export class ThreadedMonitoringEngine implements MonitoringEngine {
  private thread: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private closing: Promise<void> | undefined;
  private restart: NodeJS.Timeout | undefined;
  private problem: string | null = null;

  constructor(
    private readonly options: EngineOptions,
    private readonly onProblem: OnEngineProblem,
  ) {
    this.thread = this.start();
  }

  traffic(span: Span): Promise<Traffic> {
    return this.ask('traffic', span);
  }

  state(): Promise<FoldState> {
    return this.ask('state', undefined);
  }

  async catchUp(): Promise<void> {
    await this.ask('catchUp', undefined);
  }

  reportDrift(request: DriftRequest): Promise<DriftReport> {
    return this.ask('reportDrift', request);
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    clearTimeout(this.restart);
    // From here on the process waits for the thread.
    this.thread.ref();
    // A thread that could not open answers so, and has nothing to save.
    await this.send('close', undefined).catch(() => undefined);
    await this.thread.terminate();
  }

  private ask<C extends EngineCall>(
    call: C,
    argument: EngineCalls[C]['argument'],
  ): Promise<EngineCalls[C]['answer']> {
    if (this.closing !== undefined)
      return Promise.reject(new Error('Monitoring is stopping: ask again later'));
    return this.send(call, argument);
  }

  private send<C extends EngineCall>(
    call: C,
    argument: EngineCalls[C]['argument'],
  ): Promise<EngineCalls[C]['answer']> {
    if (this.restart !== undefined)
      return Promise.reject(new Error('Monitoring is being started again: ask again later'));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.thread.postMessage({ id, call, argument });
    });
  }

  private start(): Worker {
    const file = join(__dirname, `engine.thread${extname(__filename)}`);
    const thread = new Worker(file, { workerData: this.options });
    thread.on('message', (message: EngineMessage) => {
      this.hear(message);
    });
    thread.on('error', (error) => {
      this.note(`the monitoring thread failed and starts again: ${error.message}`);
    });
    thread.on('exit', () => {
      this.startAgain();
    });
    // The process lives as long as it serves, not as long as it watches.
    thread.unref();
    return thread;
  }

  private hear(message: EngineMessage): void {
    if (message.kind === 'problem') {
      this.note(message.message);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.answer as never);
    else waiting?.reject(new Error(message.message));
  }

  /** Told once, however often the thread has to start again. */
  private note(problem: string | null): void {
    if (problem === this.problem) return;
    this.problem = problem;
    this.onProblem(problem);
  }

  private startAgain(): void {
    for (const { reject } of this.waiting.values())
      reject(new Error('Monitoring was interrupted: ask again later'));
    this.waiting.clear();
    if (this.closing !== undefined) return;
    this.restart = setTimeout(() => {
      this.restart = undefined;
      this.thread = this.start();
    }, RESTART_AFTER_MS).unref();
  }
}
