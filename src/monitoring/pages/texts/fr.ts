import { alertsFr } from '../alerts/alerts.fr';
import { driftFr } from '../drift/drift.fr';
import { loginFr } from '../login/login.fr';
import { modelsFr } from '../models/models.fr';
import { overviewFr } from '../overview/overview.fr';
import { predictionsFr } from '../predictions/predictions.fr';
import { frameFr } from './frame.fr';
import { type Texts } from './texts';

/** French. */
export const fr: Texts = {
  frame: frameFr,
  login: loginFr,
  overview: overviewFr,
  models: modelsFr,
  drift: driftFr,
  predictions: predictionsFr,
  alerts: alertsFr,
};
