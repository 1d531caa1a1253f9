import { type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ProblemException } from '../common/http/problem';
import { AccessGuard } from './access.guard';
import { OpenToEveryone, RequireScope } from './route-access.decorator';

class Undeclared {
  handle(): void {
    // Never runs.
  }
  @RequireScope('predict')
  declared(): void {
    // Never runs.
  }
}

@OpenToEveryone()
class Open extends Undeclared {
  @RequireScope('records')
  closed(): void {
    // Never runs.
  }
}

const guard = new AccessGuard(
  { mode: 'off' },
  { note: () => undefined, confirm: () => Promise.resolve() },
  new Reflector(),
);

function ask(type: new () => object, name: string): boolean | Promise<boolean> {
  const request = { method: 'GET' };
  const context = {
    getHandler: () => (type.prototype as Record<string, unknown>)[name],
    getClass: () => type,
    switchToHttp: () => ({ getRequest: () => request }),
  };
  return guard.canActivate(context as unknown as ExecutionContext);
}

describe('AccessGuard', () => {
  it('lets nobody through to a route that declares nothing, even while access control is off', () => {
    expect(() => ask(Undeclared, 'handle')).toThrow(ProblemException);
    expect(() => ask(Undeclared, 'handle')).toThrow(/does not declare who may use it/);
  });

  it('takes the declaration of the handler before that of its controller', () => {
    expect(ask(Undeclared, 'declared')).toBe(true);
    expect(ask(Open, 'handle')).toBe(true);
    expect(ask(Open, 'closed')).toBe(true);
  });
});
