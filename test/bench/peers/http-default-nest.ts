import 'reflect-metadata';
import { Body, Controller, Get, HttpCode, Module, Post, type Type, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createApplicationDto } from '../../../src/prediction/application.dto';
import { type Prediction } from '../../../src/prediction/prediction';
import { readBundle } from '../http/applications';
import { likePrediction } from './http-answer';

/**
 * Nest as its documentation builds it: Express, `express.json()` and a global-style `ValidationPipe`, on
 * the same request DTO. Answers a constant: it scores nothing and keeps nothing.
 */
function createController(dto: Type): Type {
  @Controller()
  class DefaultController {
    @Get('ready')
    ready(): void {
      // 200 is all there is to say.
    }

    @Post('predict')
    @HttpCode(200)
    predict(
      @Body(
        new ValidationPipe({
          expectedType: dto,
          whitelist: true,
          forbidNonWhitelisted: true,
          transform: true,
        }),
      )
      application: {
        clientId: string;
      },
    ): Prediction {
      return likePrediction(application.clientId);
    }
  }
  return DefaultController;
}

async function start(): Promise<void> {
  @Module({ controllers: [createController(createApplicationDto(readBundle()))] })
  class DefaultModule {}

  const app = await NestFactory.create(DefaultModule, { logger: ['error'] });
  await app.listen(Number(process.env['PORT']), '127.0.0.1');
}

void start();
