import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Request } from 'express';
import { type LocalisedText } from '../../scoring/manifest/manifest';
import { Formats } from './formats';
import { type Language, LANGUAGES } from './languages';
import { en } from './texts/en';
import { fr } from './texts/fr';
import { type Texts } from './texts/texts';

/** For whom a page is made: language, words, and how numbers and times are written. */
export interface Reader {
  readonly language: Language;
  readonly texts: Texts;
  readonly formats: Formats;
  /** A text of the bundle in the reader's language. */
  translate(text: LocalisedText): string;
}

export const LANGUAGE_COOKIE = 'language';

const READERS: Readonly<Record<Language, Reader>> = {
  en: { language: 'en', texts: en, formats: new Formats('en-GB'), translate: (text) => text.en },
  fr: { language: 'fr', texts: fr, formats: new Formats('fr-FR'), translate: (text) => text.fr },
};

/** The reader of a language. */
export function readerOf(language: Language): Reader {
  return READERS[language];
}

/** The reader of a request: `?lang=` before the cookie before `Accept-Language`. */
export function findReader(request: Request): Reader {
  const cookie = new RegExp(`(?:^|;\\s*)${LANGUAGE_COOKIE}=(\\w+)`).exec(request.headers.cookie ?? '')?.[1];
  const language =
    asLanguage(request.query['lang']) ??
    asLanguage(cookie) ??
    asLanguage(request.acceptsLanguages(...LANGUAGES));
  return READERS[language ?? LANGUAGES[0]];
}

function asLanguage(value: unknown): Language | undefined {
  return LANGUAGES.find((language) => language === value);
}

/** Handler parameter: the `Reader` of the request. */
export const PageReader = createParamDecorator((_data: undefined, context: ExecutionContext): Reader =>
  findReader(context.switchToHttp().getRequest<Request>()),
);
