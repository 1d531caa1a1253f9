import { setTimeout as delay } from 'node:timers/promises';
import { PostgresServer } from '../factories/servers/postgres-server';
import { Service } from '../factories/service';

/** What the service promises, and what supertest needs beside. */
const ANSWER_WITHIN_MS = 2000;
const BACK_WITHIN_MS = 5000;

let server: PostgresServer;
let service: Service;

beforeAll(async () => {
  server = await PostgresServer.start();
  service = await Service.start({ STORAGE: 'postgres', DATABASE_URL: await server.createDatabase() });
});
afterAll(async () => {
  await service.remove();
  await server.remove();
});

/** The status of a prediction, and how long it took. */
async function predict(): Promise<{ readonly status: number; readonly milliseconds: number }> {
  const start = performance.now();
  const answer = await service.post('/predict', service.exampleBody());
  return { status: answer.status, milliseconds: performance.now() - start };
}

describe('a service whose log is in PostgreSQL', () => {
  it('decides, and shows the record of the decision', async () => {
    const answer = await service
      .post('/predict', { ...service.exampleBody(), clientId: 'client-7' })
      .expect(200);
    const { id, probability } = answer.body as { id: string; probability: number };

    await service
      .get(`/predictions/${id}`)
      .expect(200)
      .expect(({ body: record }) => {
        expect(record).toMatchObject({ id, probability, clientId: 'client-7' });
      });
    await service
      .get('/predictions?clientId=client-7')
      .expect(200)
      .expect(({ body: page }) => {
        expect(page).toMatchObject({ items: [{ id }] });
      });
  });

  it('answers 503 within two seconds while the server is down, and decides again within five', async () => {
    const before = await service.post('/predict', service.exampleBody()).expect(200);
    await server.stop('immediate');
    for (let asked = 0; asked < 3; asked += 1) {
      const { status, milliseconds } = await predict();
      expect(status).toBe(503);
      expect(milliseconds).toBeLessThan(ANSWER_WITHIN_MS);
    }
    const { id } = before.body as { id: string };
    await service.get(`/predictions/${id}`).expect(503).expect('Retry-After', /\d/);
    await service.get('/health/ready').expect(503);

    await server.restart();
    const up = performance.now();
    while ((await predict()).status !== 200) {
      expect(performance.now() - up).toBeLessThan(BACK_WITHIN_MS);
      await delay(50);
    }
    await service.get(`/predictions/${id}`).expect(200);
    await service.get('/health/ready').expect(200);
  });
});
