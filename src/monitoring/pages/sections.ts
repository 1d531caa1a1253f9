/** Entries of the navigation, in their order: name and address. Their words are `frame.sections`. */
export const SECTIONS = [
  ['overview', '/monitoring'],
  ['drift', '/monitoring/drift'],
  ['predictions', '/monitoring/predictions'],
  ['models', '/monitoring/models'],
  ['alerts', '/monitoring/alerts'],
] as const;

/** An entry of the navigation. */
export type Section = (typeof SECTIONS)[number][0];
