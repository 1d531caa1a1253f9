import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Prediction } from '../../src/prediction/prediction';
import { Service } from '../factories/service';

let service: Service;
let body: Record<string, unknown>;
beforeEach(async () => {
  service = await Service.start();
  body = service.exampleBody();
});
afterEach(() => service.remove());

async function scrape(): Promise<string> {
  return (await service.get('/metrics').expect(200)).text;
}

/** Value of a series, undefined when there is none. */
function read(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

function requests(text: string, method: string, route: string, status: number): number | undefined {
  return read(
    text,
    `credit_scoring_http_requests_total{method="${method}",route="${route}",status="${status}"}`,
  );
}

/** Asks until a request is counted: it is when its connection has been seen to end, a moment after. */
async function waitForRequests(method: string, route: string, status: number): Promise<string> {
  for (;;) {
    const text = await scrape();
    if (requests(text, method, route, status) !== undefined) return text;
    await delay(10);
  }
}

/** Sends bytes and reads until the connection is closed from the other side. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (part: string) => (answer += part));
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

describe('GET /metrics', () => {
  it("answers Prometheus' text format, version 0.0.4, which nobody may cache", async () => {
    const response = await service.get('/metrics').expect(200);
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.text).toMatch(/^# HELP /);
    expect(response.text.endsWith('\n')).toBe(true);
  });

  it('has the metrics of the process, without those whose names promtool objects to', async () => {
    const text = await scrape();
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      expect(text).toContain(`# TYPE ${name} `);
    }
    expect(text).not.toMatch(/nodejs_active_\w+_total/);
  });
});

describe('requests', () => {
  it('are counted by the pattern of their route, with their duration', async () => {
    const { id } = (await service.post('/predict', body).expect(200)).body as Prediction;
    await service.post('/predict', body).expect(200);
    await service.get(`/predictions/${id}`).expect(200);
    const text = await scrape();
    expect(requests(text, 'POST', '/predict', 200)).toBe(2);
    expect(requests(text, 'GET', '/predictions/:id', 200)).toBe(1);
    const name = 'credit_scoring_http_request_duration_seconds';
    expect(read(text, `${name}_count{method="POST",route="/predict"}`)).toBe(2);
    expect(read(text, `${name}_bucket{le="+Inf",method="POST",route="/predict"}`)).toBe(2);
    expect(read(text, `${name}_sum{method="POST",route="/predict"}`)).toBeGreaterThan(0);
    expect(text).not.toContain(id);
  });

  it('are counted when they end with a problem', async () => {
    await service.post('/predict', {}).expect(400);
    await service.get('/predictions/00000000-0000-7000-8000-000000000000').expect(404);
    await service.get('/nowhere/at/all').expect(404);
    await service.get('/predict').expect(405);
    const text = await scrape();
    expect(requests(text, 'POST', '/predict', 400)).toBe(1);
    expect(requests(text, 'GET', '/predictions/:id', 404)).toBe(1);
    expect(requests(text, 'GET', 'unmatched', 404)).toBe(1);
    expect(requests(text, 'GET', 'unmatched', 405)).toBe(1);
    expect(text).not.toContain('nowhere');
  });

  it('share one label when their method is unusual', async () => {
    await sendRaw('PROPFIND /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await sendRaw('SUBSCRIBE /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(requests(await scrape(), 'other', 'unmatched', 404)).toBe(2);
  });

  it('are counted when Node answers them itself: no Host', async () => {
    expect(await sendRaw('GET /health HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(requests(await scrape(), 'GET', 'unmatched', 400)).toBe(1);
  });

  it('are counted when they cannot be read, once each', async () => {
    expect(await sendRaw('no HTTP\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await sendRaw(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    await waitForRequests('unknown', 'unmatched', 400);
    const text = await waitForRequests('unknown', 'unmatched', 431);
    expect(requests(text, 'unknown', 'unmatched', 400)).toBe(1);
    expect(requests(text, 'unknown', 'unmatched', 431)).toBe(1);
  });

  it('are counted with the status they were cut off with, on their route', async () => {
    const length = 'Transfer-Encoding: chunked\r\nContent-Type: application/json';
    await sendRaw(`POST /predict HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\nno length\r\n`);
    const text = await waitForRequests('POST', '/predict', 400);
    expect(requests(text, 'POST', '/predict', 400)).toBe(1);
    expect(requests(text, 'unknown', 'unmatched', 400)).toBeUndefined();
  });

  it('are counted as 499 when the connection breaks before the answer', async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    const arrived = once(service.server, 'request');
    socket.write(
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    await arrived;
    socket.resetAndDestroy();
    const text = await waitForRequests('POST', '/predict', 499);
    expect(requests(text, 'POST', '/predict', 499)).toBe(1);
  });

  it('of one service do not count for another in the same process', async () => {
    const other = await Service.start();
    await other.post('/predict', other.exampleBody()).expect(200);
    expect(requests(await scrape(), 'POST', '/predict', 200)).toBeUndefined();
    await other.remove();
  });
});

describe('decisions', () => {
  it('are counted with model, probability and time, also those of a batch, and refused ones are not', async () => {
    const { decision, probability } = (await service.post('/predict', body).expect(200)).body as Prediction;
    await service.post('/predict/batch', [body, {}, body]).expect(200);
    await service.post('/predict', {}).expect(400);
    const text = await scrape();
    const { name, version } = service.model.identity;
    for (const one of ['APPROVED', 'REFERRED', 'REJECTED']) {
      const series = `credit_scoring_decisions_total{decision="${one}",model="${name}/${version}"}`;
      expect(read(text, series)).toBe(one === decision ? 3 : 0);
    }
    const histogram = 'credit_scoring_probability_of_default';
    const above = Math.ceil(probability * 20) / 20;
    expect(read(text, `${histogram}_bucket{le="${above}"}`)).toBe(3);
    expect(read(text, `${histogram}_bucket{le="${(above * 20 - 1) / 20}"}`) ?? 0).toBe(0);
    expect(read(text, `${histogram}_sum`)).toBeCloseTo(3 * probability, 12);
    expect(text.match(/^credit_scoring_probability_of_default_bucket/gm)).toHaveLength(21);
    expect(read(text, 'credit_scoring_inference_duration_seconds_count')).toBe(3);
  });

  it('leave no value of an application, no name of its client and no path behind', async () => {
    const marked = { ...body, clientId: 'client-in-no-metric' };
    const [first = ''] = Object.keys(body);
    await service.post('/predict', marked).expect(200);
    await service.post('/predict', { ...marked, [first]: 'value-in-no-metric' }).expect(400);
    await service.post('/predict', { ...marked, 'field-in-no-metric': 1 }).expect(400);
    await service.get('/path-in-no-metric?clientId=query-in-no-metric').expect(404);
    expect(await scrape()).not.toContain('in-no-metric');
  });
});
