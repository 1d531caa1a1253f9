import { type Role } from '../../config/configuration';
import { someAlert } from '../../../test/factories/monitoring';
import { type Alerts } from '../alerts/alerts';
import { Assets } from './assets';
import { type Page } from './page';
import { PageRenderer } from './page-renderer';
import { readerOf } from './reader';

const alerts = { list: () => [someAlert(), someAlert({ state: 'acknowledged' })] };
const rendererOf = (roles: readonly Role[]): PageRenderer =>
  new PageRenderer(new Assets(), alerts as unknown as Alerts, () => Date.UTC(2026, 10, 23), { roles });
const renderer = rendererOf(['api', 'monitoring']);

const page = (content: object): Page => ({
  view: 'problem',
  title: 'A <b>title</b>',
  section: 'models',
  content,
  refreshable: true,
});
const content = { status: 404, detail: 'x', errors: [], requestId: 'r' };

describe('PageRenderer', () => {
  it('escapes whatever it is given', () => {
    const html = renderer.render(
      page({
        ...content,
        detail: '<script>alert(1)</script>',
        errors: [{ field: '"><img src=x onerror=alert(1)>', code: 'x', message: '&' }],
      }),
      readerOf('en'),
      null,
    );
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('A &lt;b&gt;title&lt;/b&gt;');
    expect(html).not.toMatch(/<script>|<img src=x/);
  });

  it('fails on a template that names what its content lacks, and on a view that is not there', () => {
    expect(() => renderer.render(page({ status: 404 }), readerOf('en'), null)).toThrow(/detail/);
    expect(() => renderer.render({ ...page({}), view: 'nothing' }, readerOf('en'), null)).toThrow(
      /views\/nothing\.hbs/,
    );
  });

  it('marks the section, counts open alerts, and leads to the same page in the other language', () => {
    const html = renderer.render(page(content), readerOf('fr'), '/monitoring/models?refresh=30&x=%22%3E');
    expect(html).toMatch(/<a href="\/monitoring\/models" aria-current="page">Modèle<\/a>/);
    expect(html).toContain('(1 alerte ouverte)');
    expect(html).toContain('/monitoring/models?refresh&#x3D;30&amp;x&#x3D;%22%3E&amp;lang&#x3D;en');
    expect(html).toContain('/monitoring/api/models?x&#x3D;%22%3E"');
  });

  it('leads to the API documentation only where there is one', () => {
    expect(renderer.render(page(content), readerOf('en'), null)).toContain('href="/docs"');
    const alone = rendererOf(['monitoring']).render(page(content), readerOf('en'), '/monitoring');
    expect(alone).not.toContain('/docs');
    expect(alone).toContain('<a href="/monitoring/api">');
  });

  it.each([
    ['/monitoring', '/monitoring?refresh&#x3D;30', ''],
    ['/monitoring?refresh=30', '/monitoring', ' checked'],
  ])('switches reloading of %s', (address, toggle, checked) => {
    const html = renderer.render(page(content), readerOf('en'), address);
    expect(html).toContain(`data-toggle="${toggle}"${checked}>`);
  });
});
