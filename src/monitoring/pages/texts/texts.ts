import { type en } from './en';

/** All words of the pages in one language; English says which there are. */
export type Texts = typeof en;
