import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RecordsPage } from '../../src/logging/records.service';
import { type Prediction } from '../../src/prediction/prediction';
import { type Replay } from '../../src/replay/replay.service';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

let service: Service;
let body: Record<string, unknown>;
const made: Prediction[] = [];

beforeAll(async () => {
  service = await Service.start();
  body = service.exampleBody();
  for (let index = 0; index < 30; index++) {
    const application = { ...body, clientId: `client-${index % 3}`, repaymentStatus1: index % 5 };
    made.push((await service.post('/predict', application).expect(200)).body as Prediction);
  }
});
afterAll(() => service.remove());

async function listAll(query: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const page = (await service.get(`/predictions?limit=7&${query}${cursor}`).expect(200))
      .body as RecordsPage;
    ids.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
  } while (cursor !== '');
  return ids;
}

const newestFirst = (predictions: readonly Prediction[]): string[] =>
  predictions.map(({ id }) => id).reverse();

describe('GET /predictions', () => {
  it('lists all decisions newest first, page by page, none twice', async () => {
    expect(await listAll('')).toEqual(newestFirst(made));
  });

  it('filters by client and by decision', async () => {
    expect(await listAll('clientId=client-1')).toEqual(
      newestFirst(made.filter((one) => one.clientId === 'client-1')),
    );
    expect(await listAll('decision=REJECTED')).toEqual(
      newestFirst(made.filter((one) => one.decision === 'REJECTED')),
    );
  });

  it('filters by time: from is inclusive, to is exclusive', async () => {
    const at = async (id: string): Promise<string> =>
      ((await service.get(`/predictions/${id}`)).body as { at: string }).at;
    const times = new Map<string, string>();
    for (const { id } of made) times.set(id, await at(id));
    const from = times.get(made[10]?.id ?? '') ?? '';
    const to = times.get(made[20]?.id ?? '') ?? '';
    const expected = made.filter(({ id }) => (times.get(id) ?? '') >= from && (times.get(id) ?? '') < to);
    expect(await listAll(`from=${from}&to=${to}`)).toEqual(newestFirst(expected));
  });

  it.each(['from=1960-01-01', 'from=1969-12-31T23:59:59Z&to=2100-01-01', 'to=2100-01-01T00:00:00%2B02:00'])(
    'takes %s, however early or late',
    async (query) => {
      expect(
        ((await service.get(`/predictions?${query}`).expect(200)).body as RecordsPage).items,
      ).toHaveLength(30);
    },
  );

  it.each([
    'from=yesterday',
    'from=2026-02-30',
    'from=2026-W05',
    'to=20260131',
    'to=2026-01-31T10:00:00',
    'from=2026-01-31T25:00:00Z',
    'toString=1',
    '__proto__=1',
    'decision=MAYBE',
    'limit=0',
    'limit=201',
    'limit=x',
    'cursor=7',
    'shoeSize=44',
    'clientId=a%20b',
    'limit=1&limit=2',
  ])('refuses %s: 400 naming the parameter', async (query) => {
    const problem = problemOf(await service.get(`/predictions?${query}`).expect(400));
    expect(problem.errors?.[0]?.field).toBe(query.split('=')[0]);
  });
});

describe('GET /predictions on a long log', () => {
  it('finds a rare client behind 10,000 other decisions: over several short answers, never in one long one', async () => {
    const long = await Service.start();
    try {
      const rare = (await long.post('/predict', { ...body, clientId: 'rare' }).expect(200))
        .body as Prediction;
      for (let batch = 0; batch < 11; batch++)
        await long.post('/predict/batch', Array(1_000).fill(body)).expect(200);
      const first = (await long.get('/predictions?clientId=rare').expect(200)).body as RecordsPage;
      expect(first.items).toEqual([]);
      const next = await long.get(`/predictions?clientId=rare&cursor=${first.nextCursor ?? ''}`).expect(200);
      expect((next.body as RecordsPage).items.map(({ id }) => id)).toEqual([rare.id]);
      expect((next.body as RecordsPage).nextCursor).toBeUndefined();
    } finally {
      await long.remove();
    }
  });
});

describe('GET /predictions/{id}', () => {
  it('shows the record whole, without the checksum of its line', async () => {
    const response = await service.get(`/predictions/${made[3]?.id ?? ''}`).expect(200);
    expect(response.body).toMatchObject({ id: made[3]?.id, inputs: { ...body, repaymentStatus1: 3 } });
    expect(response.body).not.toHaveProperty('checksum');
  });

  it.each(['01a20833-1a64-70de-bf1e-1c9ff4bc8795', 'x', '..%2F..%2Fetc%2Fpasswd'])(
    'answers 404 for %s',
    async (id) => {
      problemOf(await service.get(`/predictions/${id}`).expect(404));
    },
  );
});

describe('POST /predictions/{id}/replay', () => {
  it('comes to the same decision, bit for bit, also after a restart', async () => {
    for (const prediction of made.slice(0, 5)) {
      const replay = (await service.post(`/predictions/${prediction.id}/replay`, {}).expect(200))
        .body as Replay;
      expect(replay).toMatchObject({ identical: true, replayed: { probability: prediction.probability } });
    }
    await service.stop();
    service = await Service.start({ DATA_DIR: service.dataFolder });
    const [first] = made;
    const replay = (await service.post(`/predictions/${first?.id ?? ''}/replay`, {}).expect(200))
      .body as Replay;
    expect(replay.identical).toBe(true);
  });

  it('replays with the model that decided, not with the one that decides now, and says when it is gone', async () => {
    const models = await mkdtemp(join(tmpdir(), 'models-'));
    await cp(join('models', 'credit-default'), join(models, 'credit-default'), { recursive: true });
    const old = await Service.start({ MODELS_DIR: models });
    const decided = (await old.post('/predict', body).expect(200)).body as Prediction;
    await old.stop();

    // A second version that differs in its policy only: everything would be approved.
    const text = await readFile(join(models, 'credit-default', '1.0.0', 'model.json'), 'utf8');
    const second = JSON.parse(text) as { version: string; policy: { version: string; bands: object } };
    second.version = '1.10.0';
    second.policy.version = 'lenient';
    second.policy.bands = { approveBelow: 1, referBelow: 1 };
    await cp(join(models, 'credit-default', '1.0.0'), join(models, 'credit-default', '1.10.0'), {
      recursive: true,
    });
    await writeFile(join(models, 'credit-default', '1.10.0', 'model.json'), JSON.stringify(second));

    const current = await Service.start({ MODELS_DIR: models, DATA_DIR: old.dataFolder });
    try {
      expect(current.model.identity.version).toBe('1.10.0');
      const replay = (await current.post(`/predictions/${decided.id}/replay`, {}).expect(200)).body as Replay;
      expect(replay).toMatchObject({ identical: true, model: { version: '1.0.0' } });

      await rm(join(models, 'credit-default', '1.0.0'), { recursive: true });
      // Still held in memory; a process that never loaded it must say that it is gone.
      await current.stop();
      const later = await Service.start({ MODELS_DIR: models, DATA_DIR: old.dataFolder });
      problemOf(await later.post(`/predictions/${decided.id}/replay`, {}).expect(409));

      // Back under the same name and version, but with another content: another model, damaged or not.
      const folder = join(models, 'credit-default', '1.0.0');
      await cp(join('models', 'credit-default', '1.0.0'), folder, { recursive: true });
      const original = await readFile(join(folder, 'model.json'), 'utf8');
      await writeFile(join(folder, 'model.json'), `${original} `);
      problemOf(await later.post(`/predictions/${decided.id}/replay`, {}).expect(409));
      await writeFile(join(folder, 'model.json'), original);
      await writeFile(join(folder, 'parity.json'), '{}');
      problemOf(await later.post(`/predictions/${decided.id}/replay`, {}).expect(409));
      await cp(join('models', 'credit-default', '1.0.0'), folder, { recursive: true });
      await later.post(`/predictions/${decided.id}/replay`, {}).expect(200);
      await later.remove();
    } finally {
      await rm(models, { recursive: true, force: true });
    }
  });
});
