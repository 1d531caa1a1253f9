import { join } from 'node:path';
import { type Prediction } from '../../src/prediction/prediction';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

/** Another product: other inputs, categories, missing values, extra trees. No line of code knows it. */
let service: Service;
let body: Record<string, unknown>;
beforeAll(async () => {
  service = await Service.start({ MODELS_DIR: join('test', 'fixtures', 'models'), MODEL: 'german-credit' });
  body = service.exampleBody();
});
afterAll(() => service.remove());

interface Schema {
  readonly properties: Record<
    string,
    { enum?: string[]; nullable?: boolean; minimum?: number; type: string }
  >;
  readonly required: string[];
}

describe('a second model, selected by setting', () => {
  it('takes its own inputs and answers in its own name', async () => {
    const prediction = (await service.post('/predict', body).expect(200)).body as Prediction;
    expect(prediction.model.name).toBe('german-credit');
  });

  it('takes missing values as null or left out, with the same probability', async () => {
    const nullable = service.model.bundle.inputs.find((input) => input.nullable);
    if (!nullable) throw new Error('The fixture needs a nullable input');
    const absent = Object.fromEntries(Object.entries(body).filter(([name]) => name !== nullable.name));
    const withNull = (await service.post('/predict', { ...body, [nullable.name]: null }).expect(200))
      .body as Prediction;
    const without = (await service.post('/predict', absent).expect(200)).body as Prediction;
    expect(without.probability).toBe(withNull.probability);
    expect((await service.get(`/predictions/${without.id}`)).body).toMatchObject({
      inputs: { [nullable.name]: null },
    });
  });

  it('refuses a category it does not have, and the inputs of the other model', async () => {
    const category = service.model.bundle.inputs.find((input) => input.type === 'category');
    const response = await service
      .post('/predict', { ...body, [category?.name ?? '']: 'none', creditLimit: 1 })
      .expect(400);
    expect(problemOf(response).errors?.map(({ field, code }) => [field, code])).toEqual([
      ['creditLimit', 'unknown_field'],
      [category?.name, 'not_a_category'],
    ]);
  });

  it('is what Swagger describes', async () => {
    const document = (await service.get('/docs-json').expect(200)).body as {
      components: { schemas: { Application: Schema } };
    };
    const { properties, required } = document.components.schemas.Application;
    for (const input of service.model.bundle.inputs) {
      expect(properties[input.name]).toMatchObject(
        input.type === 'category'
          ? { enum: input.nullable ? [...input.categories, null] : input.categories }
          : { minimum: input.minimum, maximum: input.maximum },
      );
      expect(required.includes(input.name)).toBe(!input.nullable);
    }
    expect(properties['creditLimit']).toBeUndefined();
  });
});
