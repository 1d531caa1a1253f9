import { type Section } from './sections';

/** What a page controller answers; `PageInterceptor` makes HTML of it. */
export interface Page {
  /** File in `views/`, without `.hbs`. */
  readonly view: string;
  /** In the reader's language; stands in the heading and in the window's title. */
  readonly title: string;
  /** Which entry of the navigation the page belongs to. */
  readonly section: Section;
  /** What the template shows. Templates are strict: a field that may hold nothing is null, never absent. */
  readonly content: object;
  /** Whether the page offers to reload itself; its query class must then extend `PageQuery`. */
  readonly refreshable: boolean;
  /** Where the page is found again, when it answers a form that was posted to another address. */
  readonly address?: string;
}
