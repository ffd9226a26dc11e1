import type { Caller, RbacAnswer, RbacLine } from './rbac-recording.ts';

type Request = Pick<RbacLine, 'method' | 'path' | 'body'>;

/** What a path stands for: the list, `generate/`, or one pair and what follows its id. */
type Route = 'list' | 'generate' | 'detail' | 'view_certificate' | 'view_private_key' | 'used_by';

const refusal = (status: number, detail: string): RbacAnswer => ({ status, json: { detail } });
const TOKEN_INVALID = refusal(403, 'Token invalid/expired');
const NO_CREDENTIALS = refusal(403, 'Authentication credentials were not provided.');
const NO_PERMISSION = refusal(403, 'You do not have permission to perform this action.');
const NO_SUCH_PAIR = refusal(404, 'No CertificateKeyPair matches the given query.');
const NO_ID = refusal(404, 'Not found.');

const METHODS: Readonly<Record<Route, readonly string[]>> = {
  list: ['GET', 'POST'],
  generate: ['POST'],
  detail: ['GET', 'PUT', 'PATCH', 'DELETE'],
  view_certificate: ['GET'],
  view_private_key: ['GET'],
  used_by: ['GET'],
};

/**
 * The rules of contract §2.1 on a store of the pairs `k1` and `k2`: what the original answers to a request of the recording, whoever
 * sends it. Of what is answered to an accepted one, only what depends on the caller.
 */
export function predict(caller: Caller, request: Request): RbacAnswer {
  const { route, id } = routeOf(request.path);
  switch (caller.kind) {
    case 'invalid_token':
      return TOKEN_INVALID;
    case 'anonymous':
      return anonymous(route, request.method);
    default:
      return authenticated(caller, request, route, id);
  }
}

function authenticated(caller: Caller, request: Request, route: Route, id: string): RbacAnswer {
  const { method, body } = request;
  const held = (right: string) => holds(caller, right, undefined);
  if (method === 'OPTIONS') {
    return { status: 200, actions: actions(caller, route, id) };
  }
  if (!METHODS[route].includes(method)) {
    const isHidden = route === 'list' && !held(method === 'DELETE' ? 'delete' : 'change');
    return isHidden ? NO_PERMISSION : notAllowed(method);
  }
  if (method === 'POST') {
    return held('add') ? accepted(route === 'list' ? 201 : 200, body) : NO_PERMISSION;
  }
  const visible = ['k1', 'k2'].filter((pair) => holds(caller, 'view', pair));
  if (visible.length === 0) {
    return NO_PERMISSION;
  }
  return route === 'list'
    ? { status: 200, names: visible, count: visible.length }
    : onSinglePair(caller, request, { route, id, visible });
}

function onSinglePair(
  caller: Caller,
  request: Request,
  { route, id, visible }: { route: Route; id: string; visible: readonly string[] },
): RbacAnswer {
  if (!visible.includes(id)) {
    return id === 'not-a-uuid' ? NO_ID : NO_SUCH_PAIR;
  }
  return onVisiblePair(caller, request, route, id);
}

function onVisiblePair(caller: Caller, request: Request, route: Route, id: string): RbacAnswer {
  if (route === 'view_certificate' || route === 'view_private_key') {
    return onText(caller, request.path.endsWith('?download'), route, id);
  }
  switch (request.method) {
    case 'GET':
      return { status: 200 };
    case 'DELETE':
      return holds(caller, 'delete', id) ? { status: 204 } : NO_PERMISSION;
    case 'PATCH':
      // What is not mentioned stays.
      return holds(caller, 'change', id) ? accepted(200, { name: id, ...(request.body as object) }) : NO_PERMISSION;
    default:
      return holds(caller, 'change', id) ? accepted(200, request.body) : NO_PERMISSION;
  }
}

function onText(
  caller: Caller,
  isDownload: boolean,
  route: 'view_certificate' | 'view_private_key',
  id: string,
): RbacAnswer {
  const [right, text, suffix] =
    route === 'view_certificate'
      ? (['_certificate', 'certificate_data', 'certificate'] as const)
      : (['_key', 'key_data', 'private_key'] as const);
  if (!holds(caller, right, id)) {
    return NO_PERMISSION;
  }
  const data = `${id}.${text}`;
  return isDownload
    ? { status: 200, data, disposition: `attachment; filename="${id}_${suffix}.pem"` }
    : { status: 200, data };
}

/** Without a token only the detail route says anything (rules 2, 8 and 9). */
function anonymous(route: Route, method: string): RbacAnswer {
  if (route !== 'detail' && route !== 'used_by') {
    return NO_CREDENTIALS;
  }
  if (route === 'detail' && method === 'OPTIONS') {
    return { status: 200, actions: [] };
  }
  return METHODS[route].includes(method) ? NO_PERMISSION : notAllowed(method);
}

/** Rule 9. */
function actions(caller: Caller, route: Route, id: string): readonly string[] {
  if (route === 'list' || route === 'generate') {
    return holds(caller, 'add', undefined) ? ['POST'] : [];
  }
  const isThere = ['k1', 'k2'].includes(id);
  return route === 'detail' && isThere && holds(caller, 'view', id) && holds(caller, 'change', id) ? ['PUT'] : [];
}

/** A body of the recording is complete, or `{}`, or blanks the name. */
function accepted(status: number, body: unknown): RbacAnswer {
  const { name, common_name } = (body ?? {}) as { name?: string; common_name?: string };
  return { status: name || common_name ? status : 400 };
}

function notAllowed(method: string): RbacAnswer {
  return refusal(405, `Method "${method}" not allowed.`);
}

/** Whether a right is held on a pair; without one, on everything. */
function holds({ kind, global, object_k1 }: Caller, right: string, pair: string | undefined): boolean {
  const permission = right.startsWith('_') ? `view_certificatekeypair${right}` : `${right}_certificatekeypair`;
  return kind === 'superuser' || global.includes(permission) || (pair === 'k1' && object_k1.includes(permission));
}

function routeOf(path: string): { route: Route; id: string } {
  const [id = '', action = ''] = path.replace('/api/v3/crypto/certificatekeypairs/', '').split('/');
  if (id === '' || id === 'generate') {
    return { route: id === '' ? 'list' : 'generate', id };
  }
  return { route: action === '' ? 'detail' : (action as Route), id: id.replaceAll(/[{}]/g, '') };
}
