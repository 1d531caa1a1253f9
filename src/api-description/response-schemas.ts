import { type OpenAPIObject } from '@nestjs/swagger';
import { type Bundle } from '../scoring/bundle/bundle';
import { DECISIONS } from '../scoring/policy/decide';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
/** A schema, not a reference to one. */
type Schema = Exclude<Schemas[string], { $ref: string }>;

const text = (description: string, example?: string): Schema => ({
  type: 'string',
  description,
  ...(example !== undefined && { example }),
});
const number = (description: string, bounds: Partial<Schema> = {}): Schema => ({
  type: 'number',
  description,
  ...bounds,
});
const object = (
  properties: Record<string, Schema | { $ref: string }>,
  optional: readonly string[] = [],
): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const reference = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

const id = text('UUIDv7 of the record; rises with time', '019a0b6e-6f00-7000-8000-0123456789ab');
const probability = number('Probability of default, full float64. Low is good.', {
  minimum: 0,
  maximum: 1,
  example: 0.0707277257532322,
});
const score: Schema = { type: 'integer', description: 'Points; high is good.', example: 576 };
const decision: Schema = { type: 'string', enum: [...DECISIONS] };
const policyVersion = text('Version of the policy whose bands decided');
const jobId = text('Of this job; whoever has another caller’s id finds nothing by it');
const inferenceTimeMs = number('From the checked application to the decision, milliseconds', {
  minimum: 0,
  example: 0.02,
});

/** Schemas of what the service answers; what it takes is made from the model's manifest. */
export function describeResponses(bundle: Bundle): Record<string, Schema> {
  const sha256 = text('SHA-256 of the bundle’s model.json');
  const name = text('Name of the model', bundle.name);
  const version = text('Version of the model', bundle.version);
  const identity = object({ name, version, sha256 });
  const outcome = object({ probability, score, decision, policyVersion });
  const clientId = text("The client application's own name for its client", 'client-0001');
  const error = object({
    field: text('Dotted path of the field; empty when the body as a whole is meant'),
    code: text('Stable word for programs', 'out_of_range'),
    message: text('What was expected; never the value'),
  });
  return {
    Prediction: object(
      {
        id,
        clientId,
        probability,
        score,
        decision,
        model: object({ name, version }),
        policyVersion,
        inferenceTimeMs,
      },
      ['clientId'],
    ),
    Problem: object(
      {
        type: text('Kind of problem', 'urn:credit-scoring:problem:invalid-application'),
        title: text('The kind in words'),
        status: { type: 'integer', minimum: 400, maximum: 599 },
        detail: text('What happened, and what to do'),
        requestId: text('Finds the request in the logs'),
        errors: { type: 'array', items: error },
      },
      ['requestId', 'errors'],
    ),
    Batch: {
      type: 'array',
      description: 'In the order of the request: a prediction, or the problem of that application',
      items: { oneOf: [reference('Prediction'), reference('Problem')] },
    },
    Record: {
      type: 'object',
      description: 'A decision, or a refusal (then with status and problem, and without input values)',
      properties: {
        id,
        at: { type: 'string', format: 'date-time' },
        requestId: text('Finds the request in the logs'),
        caller: text('Who asked'),
        tenant: text('Whose record it is; absent when it was made without access control'),
        idempotencyKey: text('The `Idempotency-Key` of the request, if it had one'),
        clientId,
        model: object({
          ...identity.properties,
          role: { type: 'string', enum: ['champion', 'challenger', 'shadow'] },
        }),
        inputs: { type: 'object', additionalProperties: true },
        protected: { type: 'object', additionalProperties: true },
        probability,
        score,
        decision,
        policyVersion,
        inferenceTimeMs,
        totalTimeMs: number('From the first byte to the record, milliseconds', { minimum: 0 }),
        status: { type: 'integer', minimum: 400, maximum: 599 },
        problem: { type: 'object', additionalProperties: true },
      },
      required: ['id', 'at', 'requestId', 'caller', 'totalTimeMs'],
    },
    RecordsPage: object(
      {
        items: { type: 'array', items: reference('Record') },
        nextCursor: text('Send it as `cursor` for what is older; absent at the end'),
      },
      ['nextCursor'],
    ),
    QueuedJob: object({
      jobId,
      status: { type: 'string', enum: ['queued'] },
      location: text('Where to ask for the outcome'),
    }),
    Job: object(
      {
        jobId,
        status: { type: 'string', enum: ['queued', 'done', 'failed'] },
        prediction: reference('Prediction'),
        problem: reference('Problem'),
      },
      ['prediction', 'problem'],
    ),
    Replay: object({
      id,
      identical: {
        type: 'boolean',
        description: 'Whether all of the outcome is equal, the probability bit for bit',
      },
      recorded: outcome,
      replayed: outcome,
      model: identity,
    }),
    Health: object(
      {
        status: { type: 'string', enum: ['ok', 'unavailable'] },
        modelLoaded: { type: 'boolean' },
        version: text('Version of the service'),
        model: identity,
        log: object({
          available: { type: 'boolean' },
          waiting: { type: 'integer', description: 'Records waiting for their write' },
          damagedLines: { type: 'integer', description: 'Lines set aside at start' },
        }),
        parts: {
          type: 'object',
          description:
            'Parts on other machines that it can do without for a while; absent where there are none',
          additionalProperties: { type: 'string', enum: ['ok', 'away'] },
        },
        uptimeSeconds: { type: 'integer' },
        reason: text('What to do; absent while ok'),
      },
      ['parts', 'reason'],
    ),
  };
}
