/** Longer addresses of pages do not come about. */
const LONGEST = 2_000;

/** A page of ours: no other host, however it is written, and not the log-in itself. */
const PAGE_PATTERN = /^\/monitoring(?!\/log(in|out)(\/|\?|$))([/?][\x21\x23-\x5b\x5d-\x7e]*)?$/;

const OVERVIEW = '/monitoring';

/** Where a log-in leads: to the page that was asked for, or else to the overview; never to another site. */
export function chooseDestination(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > LONGEST || !PAGE_PATTERN.test(asked)) return OVERVIEW;
  // Dots could still lead out of the pages.
  const { pathname, search } = new URL(asked, 'http://localhost');
  return PAGE_PATTERN.test(pathname) ? `${pathname}${search}` : OVERVIEW;
}
