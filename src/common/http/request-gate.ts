import { type ServerResponse } from 'node:http';
import { type ServiceRequest } from './service-request';

/**
 * Looks at a request before Express does, at the cost of a function call. It may set headers of the answer.
 * One that answers the request itself returns false, and nobody else sees it.
 */
export type RequestGate = (request: ServiceRequest, response: ServerResponse) => boolean;
