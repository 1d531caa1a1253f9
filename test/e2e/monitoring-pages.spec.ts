import { MONITORING_ENGINE, type MonitoringEngine } from '../../src/monitoring/engine/monitoring-engine';
import { type ModelCard } from '../../src/monitoring/pages/models/model-card';
import { type OverviewData } from '../../src/monitoring/pages/overview/overview-data';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** As browsers read attributes; Handlebars escapes more than it must. */
const unescapeHtml = (text: string): string =>
  text.replaceAll('&#x3D;', '=').replaceAll('&#x27;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');

let service: Service;
beforeAll(async () => {
  service = await Service.start();
  const body = service.exampleBody();
  for (let index = 0; index < 20; index++) {
    await service
      .post('/predict', { ...body, clientId: `client-${index}`, repaymentStatus1: index % 5 })
      .expect(200);
  }
  await service.post('/predict', { ...body, shoeSize: 44 }).expect(400);
  await service.app.get<MonitoringEngine>(MONITORING_ENGINE, { strict: false }).catchUp();
});
afterAll(() => service.remove());

describe.each(['/monitoring', '/monitoring/models'])('%s', (path) => {
  it('is a page of its own: nothing inline, nothing from elsewhere, not kept, not framed', async () => {
    const page = await service.get(path).set('Accept', HTML).expect(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    });
    const policy = page.headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.text).not.toMatch(/<script(?![^>]*(src=|type="application\/json"))/);
    expect(page.text).not.toMatch(/<style|\sstyle=|\son\w+=/);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, source]) => source ?? '');
    for (const source of sources) expect(source).toMatch(/^\/(?!\/)/);
  });

  it('speaks the language of the browser, or the one that was chosen, which it remembers', async () => {
    expect((await service.get(path)).text).toContain('<html lang="en">');
    const french = await service.get(path).set('Accept-Language', 'fr-CA, fr;q=0.9, en;q=0.5').expect(200);
    expect(french.text).toContain('<html lang="fr">');
    expect(french.headers['set-cookie']).toBeUndefined();
    const chosen = await service.get(`${path}?lang=fr`).set('Accept-Language', 'en').expect(200);
    expect(chosen.text).toContain('<html lang="fr">');
    expect(chosen.headers['set-cookie']?.[0]).toBe(
      'language=fr; Path=/monitoring; Max-Age=31536000; HttpOnly; SameSite=Strict',
    );
    const later = await service.get(path).set('Accept-Language', 'en').set('Cookie', 'a=1; language=fr');
    expect(later.text).toContain('<html lang="fr">');
  });

  it('leads to its data, which is JSON and is not kept either', async () => {
    const page = await service.get(path);
    const [, address = ''] = /href="(\/monitoring\/api[^"?]*)"/.exec(page.text) ?? [];
    const data = await service.get(address).expect(200);
    expect(data.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
  });
});

describe('/monitoring', () => {
  it('shows what was decided and refused', async () => {
    const page = await service.get('/monitoring?period=hour').expect(200);
    expect(unescapeHtml(page.text)).toContain('stacked; n = 20');
    expect(page.text).toMatch(/<th scope="row">400<\/th><td>not valid<\/td><td class="numeric">1<\/td>/);
  });

  it('counts as many decisions and refusals as were made, in JSON and in the page alike', async () => {
    const data = (await service.get('/monitoring/api?period=hour').expect(200)).body as OverviewData;
    expect(data.traffic?.totals).toMatchObject({ requests: 21, refused: 1, failed: 0 });
    expect(data.traffic?.points).toHaveLength(60);
    expect(data.span.toMs - data.span.fromMs).toBe(3_600_000);
    expect(data.model).toEqual(service.model.identity);
    expect(data.previous).toBeNull();
  });

  it('takes from and to in UTC or with a zone, and shows the span whose figures it has', async () => {
    const DAY_MS = 86_400_000;
    const day = Math.floor(Date.now() / DAY_MS) * DAY_MS - 5 * DAY_MS;
    const date = new Date(day).toISOString().slice(0, 10);
    const ask = async (query: string): Promise<OverviewData> =>
      (await service.get(`/monitoring/api?${query}`).expect(200)).body as OverviewData;
    const hours = await ask(`from=${date}T12:30&to=${date}T15:10%2B01:00`);
    // Minutes are kept for two days: five days ago it is whole hours, 12:00 to 15:00 UTC.
    expect(hours.period).toBe('custom');
    expect(hours.span).toEqual({ fromMs: day + 12 * 3_600_000, toMs: day + 15 * 3_600_000 });
    expect(hours.traffic?.span).toEqual(hours.span);
    const aged = await ask('from=2026-01-01T12:00&to=2026-01-01T16:00%2B02:00');
    // Hours are kept for two months: before, it is whole days.
    expect(aged.span).toEqual({ fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 2) });
    await service.get(`/monitoring?from=${date}T12:30&to=${date}T15:10`).expect(200);
  });

  it.each([
    'period=year',
    'from=yesterday',
    'to=2026-01-01',
    'from=2026-01-02&to=2026-01-01',
    'from=2020-01-01&to=2026-01-01',
    'lang=de',
    'shoeSize=44',
    'from=2026-01-01&from=2026-01-02',
    'period=%3Cscript%3Ealert(1)%3C/script%3E',
    '%3Cscript%3E=1',
  ])('refuses %s with a page in the reader’s language, without repeating the value', async (query) => {
    const page = await service
      .get(`/monitoring?${query}`)
      .set('Accept', HTML)
      .set('Accept-Language', 'fr')
      .expect(400);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.text).toContain('Cette adresse ne dit pas');
    expect(page.text).not.toContain('<script>');
    expect(page.text).not.toContain('alert(1)');
  });

  it('answers programs with a problem document', async () => {
    expect(problemOf(await service.get('/monitoring?period=year').expect(400)).errors?.[0]?.field).toBe(
      'period',
    );
    problemOf(await service.get('/monitoring/api?period=year').set('Accept', HTML).expect(400));
  });
});

describe('what is not there', () => {
  it('is a page for people and a problem document for programs', async () => {
    const page = await service.get('/monitoring/nothing').set('Accept', HTML).expect(404);
    expect(page.text).toContain('There is nothing here');
    problemOf(await service.get('/monitoring/nothing').expect(404));
    problemOf(await service.get('/monitoring/api/nothing').set('Accept', HTML).expect(404));
    problemOf(await service.get('/nothing').set('Accept', HTML).expect(404));
  });

  it('does not take other methods', async () => {
    const page = await service.post('/monitoring', {}).set('Accept', HTML).expect(405);
    expect(page.headers['allow']).toBe('GET, HEAD');
    expect(page.text).toContain('This cannot be done here');
  });

  it.each(['..%2Fpage.css', '%2e%2e%2f%2e%2e%2fpackage.json', 'package.json', 'constructor', '__proto__'])(
    'has no asset %s',
    async (name) => {
      problemOf(await service.get(`/monitoring/assets/${name}`).expect(404));
    },
  );
});

describe('/monitoring/assets', () => {
  it('are kept for ever under the address of their content, and asked for again under any other', async () => {
    const text = unescapeHtml((await service.get('/monitoring').expect(200)).text);
    const addresses = [...text.matchAll(/"(\/monitoring\/assets\/[^"]+)"/g)].map(([, one]) => one ?? '');
    expect(new Set(addresses).size).toBe(6);
    for (const address of addresses) {
      const asset = await service.get(address).expect(200);
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(asset.headers['x-content-type-options']).toBe('nosniff');
      expect(asset.headers['content-type']).toMatch(
        /^(text\/(css|javascript); charset=utf-8|image\/svg\+xml)$/,
      );
    }
    expect((await service.get('/monitoring/assets/page.css?v=old')).headers['cache-control']).toBe(
      'no-cache',
    );
  });
});

describe('CSV', () => {
  it.each([
    ['/monitoring/api?period=hour', 'traffic', 61, 'from,to,requests,approved,referred,rejected'],
    ['/monitoring/api?period=hour', 'probability', 21, 'above,upTo,decisions,referenceRows'],
    ['/monitoring/api?period=hour', 'statuses', 3, 'status,requests'],
    ['/monitoring/api?period=hour', 'refused-fields', 2, 'field,code,requests'],
    ['/monitoring/api?period=hour', 'models', 2, 'name,version,sha256,role,decisions'],
    ['/monitoring/api/models?', 'features', 48, 'feature,formula,permutationImportance'],
    ['/monitoring/api/models?', 'inputs', 24, 'name,scored,type,minimum,maximum'],
    ['/monitoring/api/models?', 'metrics', 9, 'metric,value,low,high'],
    ['/monitoring/api/models?', 'costs', 22, 'probability,approve,refer,reject'],
  ])('%s has the table %s with %d lines', async (address, table, lines, header) => {
    const file = await service.get(`${address}&format=csv&table=${table}`).expect(200);
    expect(file.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename="[a-z-]+\.csv"$/);
    expect(file.headers['cache-control']).toBe('no-store');
    expect(file.text.startsWith(header)).toBe(true);
    expect(file.text.trimEnd().split('\r\n')).toHaveLength(lines);
  });

  it('has one row for every process minute', async () => {
    const file = await service.get('/monitoring/api?format=csv&table=vitals').expect(200);
    expect(file.text.startsWith('at,cpuShare,residentBytes,eventLoopDelayP99Ms\r\n')).toBe(true);
  });
});

describe('/monitoring/models', () => {
  it('shows the card of the model that decides, and the same as JSON', async () => {
    const card = (await service.get('/monitoring/api/models').expect(200)).body as ModelCard;
    expect(card.model).toEqual(service.model.identity);
    expect(card.parityRows).toBe(service.model.parityRows);
    const page = await service.get('/monitoring/models').expect(200);
    for (const text of [card.model.sha256, card.training.dataset.licence, card.policy.version, '0.794'])
      expect(page.text).toContain(text);
  });

  it('shows a model whose bundle tells no metrics, no importance and no split', async () => {
    const other = await Service.start({ MODELS_DIR: 'test/fixtures/models' });
    try {
      for (const path of ['/monitoring', '/monitoring/models', '/monitoring/models?lang=fr']) {
        await other.get(path).set('Accept', HTML).expect(200);
      }
      const page = await other.get('/monitoring/models');
      expect(page.text).toContain('The bundle has no metrics.');
    } finally {
      await other.remove();
    }
  });
});

describe('a service without any application', () => {
  it('says how to send the first one, and the command it shows is accepted', async () => {
    const empty = await Service.start();
    try {
      const page = await empty.get('/monitoring').expect(200);
      const [, body = ''] = /<code>curl [^<]+-d '(.+)'<\/code>/.exec(unescapeHtml(page.text)) ?? [];
      await empty.post('/predict', JSON.parse(body)).expect(200);
    } finally {
      await empty.remove();
    }
  });
});
