import type { FastifyInstance } from 'fastify';
import { Refusal } from './errors.ts';
import type { Base } from './route.ts';

/** Every other version than the base's own, `v1`: also `v11` and `v1.1`. */
const OTHER_VERSION = ':version(^v(?!1$)\\d[\\w.-]*$)';

/** 501 for all that is below another version (contract §9). */
export function otherVersions(app: FastifyInstance, { prefix }: Base): void {
  const root = prefix.replace(/v1$/, OTHER_VERSION);
  for (const url of [root, `${root}/*`]) {
    app.all(url, {
      exposeHeadRoute: false,
      schema: { hide: true },
      config: { operation: 'strata.version' },
      handler: () => {
        throw new Refusal('Version Not Supported', ['there is v1']);
      },
    });
  }
}
