import { join } from 'node:path';

/** `views` stands beside the folder of the compiled code, and beside `src` under test. */
export const VIEWS_FOLDER = join(__dirname, '..', '..', '..', 'views');
