import { type Response } from 'supertest';
import { type ProblemDocument } from '../../src/common/http/problem';

/** The problem document of an answer; fails when the answer is none. */
export function problemOf(response: Response): ProblemDocument {
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = response.body as ProblemDocument;
  expect(problem.status).toBe(response.status);
  return problem;
}
