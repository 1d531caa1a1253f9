import { Injectable } from '@nestjs/common';
import { type Identity } from '../../../common/http/identity';
import { Assets } from '../assets';
import { LANGUAGES } from '../languages';
import { changeQuery } from '../page-addresses';
import { PageRenderer } from '../page-renderer';
import { type Reader } from '../reader';

/** What the log-in shows. */
export interface LoginContent {
  /** Where it leads: from `chooseDestination`. */
  readonly destination: string;
  /** Who is logged in already. */
  readonly known: Identity | null;
  /** Value of the form's hidden field. */
  readonly form: string;
  /** What went wrong, in the reader's language. */
  readonly problem: string | null;
  /** Whether the browser asks for the destination once more by itself. */
  readonly goesOn: boolean;
}

/** The page of the log-in: without the frame of the others, which shows who is not logged in too much. */
@Injectable()
export class LoginPage {
  constructor(
    private readonly renderer: PageRenderer,
    private readonly assets: Assets,
  ) {}

  render({ destination, known, form, problem, goesOn }: LoginContent, reader: Reader): string {
    const { texts, language } = reader;
    const content = {
      title: known ? texts.login.titleKnown : texts.login.title,
      destination,
      known: known && { name: known.name },
      form,
      problem,
      goOn: goesOn ? destination : null,
      languages: LANGUAGES.map((code) => ({
        code,
        name: texts.frame.languages[code],
        href: changeQuery('/monitoring/login', { to: destination, lang: code }),
        current: code === language,
      })),
      css: this.assets.address('page.css'),
      icon: this.assets.address('favicon.svg'),
    };
    return this.renderer.renderAlone('login', content, reader, known?.csrfToken);
  }
}
