import { type Decision } from '../../../scoring/policy/decide';
import { type Language } from '../languages';
import { type Section } from '../sections';
import { type Level } from '../view-parts';

const sections: Record<Section, string> = {
  overview: 'Overview',
  drift: 'Drift',
  predictions: 'Predictions',
  models: 'Model',
  alerts: 'Alerts',
};

const levels: Record<Level, string> = {
  good: 'Good',
  attention: 'Look at this',
  critical: 'Act now',
  unknown: 'Not known yet',
};

const decisions: Record<Decision, string> = {
  APPROVED: 'Approved',
  REFERRED: 'Referred',
  REJECTED: 'Rejected',
};

/** Each language is named in itself. */
const languages: Record<Language, string> = { en: 'English', fr: 'Français' };

/** Titles of problem pages, by status. */
const problems: Record<number, string> = {
  400: 'This address does not say what to show',
  403: 'This is not allowed',
  404: 'There is nothing here',
  405: 'This cannot be done here',
  409: 'This is no longer possible',
  500: 'The service failed',
  503: 'This cannot be done now',
};

/** Words of what surrounds every page. */
export const frameEn = {
  brand: 'Credit scoring',
  company: 'Prêt à Dépenser',
  skip: 'Skip to the content',
  navigation: 'Monitoring',
  language: 'Language',
  sections,
  levels,
  decisions,
  languages,
  problems,
  openAlerts: (count: number): string => (count === 1 ? '1 open alert' : `${count} open alerts`),
  refresh: (seconds: string): string => `Reload every ${seconds} s`,
  refreshNow: 'Reload now',
  madeAt: 'Made at',
  data: 'These figures as JSON',
  documentation: 'API documentation',
  zone: 'Times in your zone; UTC on hover.',
  zoneWithoutScript: 'Times in UTC.',
  figures: 'Figures',
  csv: 'CSV',
  csvOf: (table: string): string => `${table} as CSV`,
  chartOf: (title: string): string => `Chart: ${title}. The figures are in the table below.`,
  probability: 'Probability of default',
  nothing: 'Nothing to show.',
  problemDetail: 'What is wrong',
  problemWhere: 'Field',
  problemWhat: 'Message',
  requestId: 'Request id:',
  back: 'Back to the overview',
};
