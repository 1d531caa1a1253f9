import 'reflect-metadata';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { CLIENT_ID_PATTERN } from '../scoring/application/application';
import { type InputDefinition, type Manifest } from '../scoring/manifest/manifest';

/** A class whose decorators class-validator and Swagger read. */
export type DtoClass = new () => object;

/**
 * Makes the request DTO of a manifest: one validated, documented property per input, `clientId`, and
 * `protected` when the manifest has protected inputs. A new model needs no new class.
 */
export function createApplicationDto(manifest: Manifest): DtoClass {
  const protectedInputs = manifest.protectedInputs;
  const ApplicationDto = createNamedClass('Application');

  for (const input of manifest.inputs) declareInput(ApplicationDto, input, 'required');

  decorate(ApplicationDto, 'clientId', [
    IsOptionalButNotNull(),
    IsString({ message: describeClientId() }),
    Matches(CLIENT_ID_PATTERN, { message: describeClientId() }),
    ApiProperty({
      required: false,
      type: String,
      pattern: CLIENT_ID_PATTERN.source,
      description: "The client application's own name for its client.",
      example: 'client-0001',
    }),
  ]);

  if (protectedInputs.length > 0) {
    const ProtectedDto = createNamedClass('ProtectedAttributes');
    for (const input of protectedInputs) declareInput(ProtectedDto, input, 'optional');
    const message = 'protected must be an object of protected attributes';
    decorate(ApplicationDto, 'protected', [
      IsOptionalButNotNull(),
      IsObject({ message }),
      ValidateNested({ message }),
      Type(() => ProtectedDto),
      ApiProperty({
        required: false,
        type: ProtectedDto,
        description: 'Protected attributes: recorded to monitor fairness, never scored.',
      }),
    ]);
  }
  return ApplicationDto;
}

/** What an input's value must be, as a sentence: the message of every refusal. */
export function describeInput(input: InputDefinition): string {
  const orMissing = input.nullable ? ', or null when it is not known' : '';
  if (input.type === 'category')
    return `${input.name} must be one of ${input.categories.join(', ')}${orMissing}`;
  const kind = input.type === 'integer' ? 'a whole number' : 'a number';
  const unit = input.unit === undefined ? '' : ` (${input.unit})`;
  return `${input.name} must be ${kind} from ${input.minimum} to ${input.maximum}${unit}${orMissing}`;
}

function describeClientId(): string {
  return 'clientId must be 1 to 128 letters, digits and . _ : @ - and start with a letter or digit';
}

function declareInput(dto: DtoClass, input: InputDefinition, presence: 'required' | 'optional'): void {
  const message = describeInput(input);
  const decorators: PropertyDecorator[] = [
    input.nullable ? IsOptional() : presence === 'optional' ? IsOptionalButNotNull() : IsDefined({ message }),
  ];
  if (input.type === 'category') {
    decorators.push(IsIn(input.categories, { message }));
  } else {
    decorators.push(
      input.type === 'integer' ? IsInt({ message }) : IsNumber({}, { message }),
      Min(input.minimum, { message }),
      Max(input.maximum, { message }),
    );
  }
  decorators.push(describeProperty(input, presence === 'required' && !input.nullable));
  decorate(dto, input.name, decorators);
}

function describeProperty(input: InputDefinition, required: boolean): PropertyDecorator {
  const common = {
    required,
    nullable: input.nullable,
    description: input.unit === undefined ? input.description : `${input.description} Unit: ${input.unit}.`,
  };
  return input.type === 'category'
    ? ApiProperty({
        ...common,
        type: String,
        // `nullable` alone does not add null to an enumeration (OpenAPI 3.0.3).
        enum: [...input.categories, ...(input.nullable ? [null] : [])],
        example: input.example,
      })
    : ApiProperty({
        ...common,
        type: input.type,
        minimum: input.minimum,
        maximum: input.maximum,
        example: input.example,
      });
}

/** `IsOptional` would let null pass as well. */
function IsOptionalButNotNull(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

function decorate(dto: DtoClass, property: string, decorators: readonly PropertyDecorator[]): void {
  for (const apply of decorators) apply(dto.prototype as object, property);
}

/** Swagger names a schema after its class. */
function createNamedClass(name: string): DtoClass {
  return Object.defineProperty(class extends Object {}, 'name', { value: name });
}
