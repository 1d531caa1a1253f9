import { setTimeout as sleep } from 'node:timers/promises';
import { type Response } from 'supertest';
import { type JobState } from '../../src/queue/jobs/job';
import { Service } from './service';

/** The whole application with a queue, and what its callers do with it. */
export class QueueingService {
  private constructor(readonly service: Service) {}

  /** Resolves when it is connected to the broker. */
  static async start(
    brokerUrl: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<QueueingService> {
    const queueing = await QueueingService.startAway(brokerUrl, settings);
    await queueing.connected();
    return queueing;
  }

  /** As `start`, with a broker that may be away. */
  static async startAway(
    brokerUrl: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<QueueingService> {
    const service = await Service.start({ QUEUE: 'rabbitmq', RABBITMQ_URL: brokerUrl, ...settings });
    return new QueueingService(service);
  }

  /** Waits until the broker can be worked with, 20 s at most. */
  async connected(): Promise<void> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const { parts } = (await this.service.get('/health')).body as { parts: { queue: string } };
      if (parts.queue === 'ok') return;
      await sleep(20);
    }
    throw new Error('The service did not connect to the broker');
  }

  /** Asks for a decision later; the examples of the manifest unless there is a body. */
  async post(
    headers: Readonly<Record<string, string>> = {},
    body: object = this.service.exampleBody(),
  ): Promise<Response> {
    return this.service.post('/predict/async', body).set(headers);
  }

  /** Queues, and gives the job's id. */
  async queue(headers: Readonly<Record<string, string>> = {}, body?: object): Promise<string> {
    const answer = await this.post(headers, body);
    if (answer.status !== 202) throw new Error(`Expected 202, and not ${answer.status}: ${answer.text}`);
    return (answer.body as { jobId: string }).jobId;
  }

  async state(jobId: string): Promise<JobState> {
    return (await this.service.get(`/predict/async/${jobId}`).expect(200)).body as JobState;
  }

  /** Waits until the job is done or failed. */
  async outcome(jobId: string): Promise<Exclude<JobState, { status: 'queued' }>> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const state = await this.state(jobId);
      if (state.status !== 'queued') return state;
      await sleep(20);
    }
    throw new Error('The job came to no end');
  }

  /** How many decisions the log holds about a client. */
  async decisionsAbout(clientId: string): Promise<number> {
    const page = (await this.service.get(`/predictions?clientId=${clientId}&limit=100`).expect(200)).body as {
      items: unknown[];
    };
    return page.items.length;
  }
}
