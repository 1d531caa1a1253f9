import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import helmet from 'helmet';
import { SERVICE_VERSION } from '../common/service-version';
import { type AccessConfiguration } from '../config/configuration';
import { ActiveModels } from '../model/active-models';
import { ApplicationChecker } from '../prediction/application-checker';
import { type Bundle } from '../scoring/bundle/bundle';
import { describeAccess } from './describe-access';
import { describeOverload } from './describe-overload';
import { describeRateLimit } from './describe-rate-limit';
import { describeResponses } from './response-schemas';

/**
 * Serves Swagger UI under `/docs` and the OpenAPI document under `/docs-json`. The document is made when
 * it is first asked for: it would slow down every start for the sake of few readers.
 */
export function serveApiDescription(app: INestApplication, access: AccessConfiguration): void {
  app.use(
    '/docs',
    helmet({
      contentSecurityPolicy: {
        // Swagger UI sets styles inline; scripts it loads from here only.
        directives: { styleSrc: ["'self'", "'unsafe-inline'"], upgradeInsecureRequests: null },
      },
      strictTransportSecurity: false,
    }),
  );
  SwaggerModule.setup('docs', app, () => createDocument(app, access), {
    jsonDocumentUrl: 'docs-json',
    customSiteTitle: 'Credit scoring API',
    swaggerOptions: { tryItOutEnabled: true, displayRequestDuration: true },
  });
}

function createDocument(app: INestApplication, access: AccessConfiguration): OpenAPIObject {
  const { bundle } = app.get(ActiveModels, { strict: false }).champion();
  const { dto } = app.get(ApplicationChecker, { strict: false });
  const document = SwaggerModule.createDocument(
    app,
    new DocumentBuilder()
      .setTitle('Credit scoring')
      .setDescription(
        `Probability of default, decision and durable record for credit applications. Model: ${bundle.name} ${bundle.version}.`,
      )
      .setVersion(SERVICE_VERSION)
      // Shown in this order: who comes here wants a decision first.
      .addTag('predictions', 'Decide on applications')
      .addTag('records', 'Find decisions again, and make them again')
      .addTag('monitoring', 'The data of the pages under /monitoring')
      .addTag('health', 'Can it decide, is it alive, may it be sent traffic?')
      .addTag('operations', 'For Prometheus')
      .build(),
    { extraModels: [dto] },
  );
  const schemas = (document.components ??= {}).schemas ?? {};
  // Made from classes is only what is taken, and a field that nobody knows is refused, not ignored.
  for (const schema of Object.values(schemas)) Object.assign(schema, { additionalProperties: false });
  document.components.schemas = { ...schemas, ...describeResponses(bundle) };
  describeCsvBatch(document, bundle);
  describeAccess(document, access);
  describeRateLimit(document);
  describeOverload(document);
  return document;
}

/** Decorators give all media types of a route the same schema; CSV is a text. */
function describeCsvBatch(document: OpenAPIObject, bundle: Bundle): void {
  const operation = document.paths['/predict/batch']?.post;
  const body = operation?.requestBody;
  const answer = operation?.responses['200'];
  const names = bundle.inputs.map((input) => input.name).join(',');
  const values = bundle.inputs.map((input) => String(input.example)).join(',');
  const example = `clientId,${names}\nclient-0001,${values}\n`;
  if (body && 'content' in body) body.content['text/csv'] = { schema: { type: 'string' }, example };
  if (answer && 'content' in answer)
    answer.content = { ...answer.content, 'text/csv': { schema: { type: 'string' } } };
}
