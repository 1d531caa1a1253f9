import { alertsEn } from '../alerts/alerts.en';
import { driftEn } from '../drift/drift.en';
import { loginEn } from '../login/login.en';
import { modelsEn } from '../models/models.en';
import { overviewEn } from '../overview/overview.en';
import { predictionsEn } from '../predictions/predictions.en';
import { frameEn } from './frame.en';

/** English. */
export const en = {
  frame: frameEn,
  login: loginEn,
  overview: overviewEn,
  models: modelsEn,
  drift: driftEn,
  predictions: predictionsEn,
  alerts: alertsEn,
};
