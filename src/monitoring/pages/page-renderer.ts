import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import Handlebars from 'handlebars';
import { CLOCK, type Clock } from '../../common/clock';
import { CONFIGURATION, type Configuration } from '../../config/configuration';
import { Alerts } from '../alerts/alerts';
import { Assets } from './assets';
import { LANGUAGES } from './languages';
import { type Page } from './page';
import { REFRESH_SECONDS } from './page.query';
import { changeQuery, dataAddress } from './page-addresses';
import { type Reader } from './reader';
import { SECTIONS } from './sections';
import { VIEWS_FOLDER } from './views-folder';

const EXTENSION = '.hbs';

/** Strict: a template that names what its content lacks fails instead of showing nothing. */
const COMPILE_OPTIONS: CompileOptions = { strict: true, preventIndent: true };

/** Characters that could end a script element or a line of script, as JSON writes them harmlessly. */
const UNSAFE_IN_SCRIPT = /[<>&\u2028\u2029]/g;

/**
 * Makes pages of templates.
 *
 * To add a page `example`:
 * 1. `example/example.en.ts` and `example.fr.ts` hold its words; add each to `texts/en.ts` and `texts/fr.ts`
 *    (what is missing in French does not compile).
 * 2. `example/collect-example.ts` (or an injectable) gathers its data, raw: that is what
 *    `GET /monitoring/api/example` answers as JSON. `tabulate-example.ts` makes the `CsvTable` of
 *    `?format=csv`, answered by `answerCsv`.
 * 3. `example/describe-example.ts` turns data and `Reader` into the template's content: all texts and numbers
 *    ready to be shown, nothing computed in the template. Times, tables, charts, tiles and badges are the
 *    types of `view-parts.ts`, each shown by the partial of that name: `{{> chart latency}}`. Addresses come
 *    from `page-addresses.ts`, names of inputs from `label-input.ts`.
 * 4. `views/example.hbs` shows it. Words that do not depend on data come from `{{@texts.example.…}}`.
 * 5. `example-page.controller.ts`, decorated with `PageController`, returns a `Page`;
 *    `example-data.controller.ts`, with `ApiTags('monitoring')` and `ApiData` on its handler, the data. Query
 *    classes extend `PageQuery` and `DataQuery`; a `ProblemException` becomes a page by itself.
 * 6. Both controllers and what they inject go into `page-parts.ts`.
 *
 * No template writes a style or a script: classes stand in `views/assets/page.css`, chart data in the JSON
 * block of the partial. A chart names its threshold in `spec.lines` and its n in `note`. A form that is posted holds
 * `{{> csrf}}`.
 */
@Injectable()
export class PageRenderer {
  private readonly handlebars = Handlebars.create();
  private readonly views: ReadonlyMap<string, HandlebarsTemplateDelegate<object>>;
  private readonly layout: HandlebarsTemplateDelegate<object>;

  constructor(
    private readonly assets: Assets,
    private readonly alerts: Alerts,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIGURATION) private readonly configuration: Pick<Configuration, 'roles'>,
  ) {
    this.handlebars.registerHelper('json', formatJson);
    this.handlebars.registerHelper('is', (left: unknown, right: unknown) => left === right);
    this.handlebars.registerHelper('call', (words: (value: unknown) => string, value: unknown) =>
      words(value),
    );
    for (const [name, text] of readTemplates(join(VIEWS_FOLDER, 'partials'))) {
      this.handlebars.registerPartial(name, this.handlebars.compile(text, COMPILE_OPTIONS));
    }
    this.views = new Map(
      readTemplates(VIEWS_FOLDER).map(([name, text]) => [
        name,
        this.handlebars.compile<object>(text, COMPILE_OPTIONS),
      ]),
    );
    const layout = readFileSync(join(VIEWS_FOLDER, 'layouts', `main${EXTENSION}`), 'utf8');
    this.layout = this.handlebars.compile<object>(layout, COMPILE_OPTIONS);
  }

  /**
   * The whole document.
   *
   * @param address path and query as requested, for links to the same page; null for a problem's page
   * @param csrfToken of the reader's session, for the forms; empty without one
   * @throws Error when the view does not exist or names what its content lacks
   */
  render(page: Page, reader: Reader, address: string | null, csrfToken = ''): string {
    const { texts, language } = reader;
    const data = { texts, language, csrfToken };
    const body = this.renderAlone(page.view, page.content, reader, csrfToken);
    return this.layout(
      {
        title: page.title,
        body,
        sections: this.describeSections(page, reader),
        languages: LANGUAGES.map((code) => ({
          code,
          name: texts.frame.languages[code],
          href: changeQuery(address ?? '/monitoring', { lang: code }),
          current: code === language,
        })),
        refresh: page.refreshable && address !== null ? describeRefresh(address) : null,
        links: this.describeLinks(address, reader),
        madeAt: reader.formats.time(this.clock(), 'second'),
        css: this.assets.address('page.css'),
        icon: this.assets.address('favicon.svg'),
        script: this.assets.address('page.js'),
        chartScripts: body.includes('data-chart')
          ? [
              this.assets.address('chart.umd.min.js'),
              this.assets.address('chartjs-plugin-annotation.min.js'),
              this.assets.address('charts.js'),
            ]
          : [],
      },
      { data },
    );
  }

  /**
   * A view without the frame around it: a document that is saved and opened elsewhere.
   *
   * @throws Error when the view does not exist or names what its content lacks
   */
  renderAlone(name: string, content: object, { texts, language }: Reader, csrfToken = ''): string {
    const view = this.views.get(name);
    if (!view) throw new Error(`views/${name}${EXTENSION}: there is no such view`);
    return view(content, { data: { texts, language, csrfToken } });
  }

  private describeLinks(address: string | null, { texts }: Reader): object[] {
    const { data, documentation } = texts.frame;
    return [
      ...(address === null ? [] : [{ href: dataAddress(address), text: data }]),
      // Only a process that decides describes its routes.
      ...(this.configuration.roles.includes('api') ? [{ href: '/docs', text: documentation }] : []),
    ];
  }

  private describeSections(page: Page, { texts, formats }: Reader): object[] {
    const open = this.alerts.list().filter((alert) => alert.state === 'open').length;
    return SECTIONS.map(([name, href]) => ({
      href,
      name: texts.frame.sections[name],
      current: name === page.section,
      count:
        name === 'alerts' && open > 0
          ? { number: formats.integer(open), words: texts.frame.openAlerts(open) }
          : null,
    }));
  }
}

function describeRefresh(address: string): object {
  const on = new URL(address, 'http://localhost').searchParams.get('refresh') === REFRESH_SECONDS;
  return {
    on,
    seconds: REFRESH_SECONDS,
    now: address,
    toggle: changeQuery(address, { refresh: on ? null : REFRESH_SECONDS }),
  };
}

function readTemplates(folder: string): [name: string, text: string][] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => [basename(file, EXTENSION), readFileSync(join(folder, file), 'utf8').trimEnd()]);
}

function formatJson(value: unknown): Handlebars.SafeString {
  const text = JSON.stringify(value).replace(
    UNSAFE_IN_SCRIPT,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Handlebars.SafeString(text);
}
