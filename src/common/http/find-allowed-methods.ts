import { type Express, type Request } from 'express';

/** The part of Express's router this reads: its layers and what they answer. */
interface RouteLayer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/**
 * Methods that the path of a request would have answered, sorted; empty when the path is unknown.
 * Express itself answers 404 to a known path with another method, where HTTP asks for 405 with Allow.
 */
export function findAllowedMethods(request: Request): string[] {
  const app = request.app as Express;
  const layers = app.router.stack as unknown as readonly RouteLayer[];
  const methods = new Set<string>();
  for (const layer of layers) {
    if (!layer.route || !layer.match(request.path)) continue;
    for (const [method, answered] of Object.entries(layer.route.methods)) {
      if (answered && method !== '_all') methods.add(method.toUpperCase());
    }
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
