import { IsIn, IsOptional } from 'class-validator';
import { type Language, LANGUAGES } from './languages';

/** Seconds between two loads of a page that reloads itself: fresh enough to watch, slow enough to read. */
export const REFRESH_SECONDS = '30';

/** What every page takes; each page's own query class extends it. Messages complete "NAME must be …". */
export class PageQuery {
  /** Remembered in a cookie. */
  @IsOptional()
  @IsIn(LANGUAGES, { message: `one of ${LANGUAGES.join(', ')}` })
  lang?: Language;

  @IsOptional()
  @IsIn([REFRESH_SECONDS], { message: `${REFRESH_SECONDS}, or absent` })
  refresh?: string;
}
