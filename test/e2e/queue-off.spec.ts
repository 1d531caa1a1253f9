import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.remove());

describe('without a queue', () => {
  it('nothing can be queued or asked for, and nobody is told of it', async () => {
    expect(problemOf(await service.post('/predict/async', service.exampleBody())).status).toBe(404);
    expect(problemOf(await service.get(`/predict/async/${'A'.repeat(43)}`)).status).toBe(404);
    expect((await service.get('/health').expect(200)).body).not.toHaveProperty('parts');
    expect((await service.get('/docs-json').expect(200)).text).not.toContain('/predict/async');
  });
});
