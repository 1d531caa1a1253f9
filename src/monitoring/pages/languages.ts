/** Languages of the pages; the first is for readers who ask for none of them. */
export const LANGUAGES = ['en', 'fr'] as const;

/** A language of the pages. */
export type Language = (typeof LANGUAGES)[number];
