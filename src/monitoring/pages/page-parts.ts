import { type Provider, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AlertsDataController } from './alerts/alerts-data.controller';
import { AlertsPageController } from './alerts/alerts-page.controller';
import { AlertsPagesService } from './alerts/alerts-pages.service';
import { Assets } from './assets';
import { AssetsController } from './assets.controller';
import { DriftDataController } from './drift/drift-data.controller';
import { DriftPageController } from './drift/drift-page.controller';
import { DriftPagesService } from './drift/drift-pages.service';
import { LoginController } from './login/login.controller';
import { LoginPage } from './login/login-page';
import { ModelsDataController } from './models/models-data.controller';
import { ModelsPageController } from './models/models-page.controller';
import { OverviewDataController } from './overview/overview-data.controller';
import { OverviewPageController } from './overview/overview-page.controller';
import { OverviewService } from './overview/overview.service';
import { PageProblemFilter } from './page-problem.filter';
import { PageRenderer } from './page-renderer';
import { PredictionsDataController } from './predictions/predictions-data.controller';
import { PredictionsPageController } from './predictions/predictions-page.controller';
import { PredictionsPagesService } from './predictions/predictions-pages.service';
import { PredictionsSearchController } from './predictions/predictions-search.controller';

/** Controllers of all pages, and of their data. */
export const PAGE_CONTROLLERS: readonly Type[] = [
  AssetsController,
  LoginController,
  OverviewPageController,
  OverviewDataController,
  DriftPageController,
  DriftDataController,
  PredictionsSearchController,
  PredictionsPageController,
  PredictionsDataController,
  ModelsPageController,
  ModelsDataController,
  AlertsPageController,
  AlertsDataController,
];

/** What they inject beyond the other rooms and the engine. */
export const PAGE_PROVIDERS: readonly Provider[] = [
  Assets,
  PageRenderer,
  LoginPage,
  OverviewService,
  DriftPagesService,
  PredictionsPagesService,
  AlertsPagesService,
  { provide: APP_FILTER, useClass: PageProblemFilter },
];
