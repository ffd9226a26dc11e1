import { z } from 'zod';
import { autocomplete, pageParameters, pagination } from '../schemas.ts';

/** The bodies and parameters of events. */

/** Every action that the original knows (its schema of 2026): a filter may name those too that never happen here. */
export const EVENT_ACTION_NAMES = [
  'login',
  'login_failed',
  'logout',
  'user_write',
  'user_offboarded',
  'suspicious_request',
  'password_set',
  'secret_view',
  'secret_rotate',
  'invitation_used',
  'authorize_application',
  'source_linked',
  'impersonation_started',
  'impersonation_ended',
  'flow_execution',
  'policy_execution',
  'policy_exception',
  'property_mapping_exception',
  'system_task_execution',
  'system_task_exception',
  'system_exception',
  'configuration_error',
  'configuration_warning',
  'model_created',
  'model_updated',
  'model_deleted',
  'email_sent',
  'update_available',
  'export_ready',
  'review_initiated',
  'review_overdue',
  'review_attested',
  'review_completed',
  'access_request_created',
  'access_request_approved',
  'access_request_denied',
  'access_request_revoked',
  'custom_',
] as const;

const action = z.enum(EVENT_ACTION_NAMES).meta({ id: 'EventActions' });
const readOnly = { readOnly: true };

/** What is optional here is always sent; the original's schema calls it so. */
const details = (description: string) => z.record(z.string(), z.unknown()).optional().meta({ description });

export const event = z
  .object({
    pk: z.string().meta({ ...readOnly, format: 'uuid', title: 'Event uuid' }),
    user: details('`username`, `pk` and `email` of whoever did it; empty where nobody was let in'),
    action,
    app: z.string(),
    context: details('What happened, to what, and by which request. Holds no secret.'),
    client_ip: z.string().nullable().optional(),
    created: z.string().meta({ ...readOnly, format: 'date-time' }),
    expires: z
      .string()
      .optional()
      .meta({ format: 'date-time', description: 'In the year 9999 where events are kept for ever' }),
    brand: details('Always empty'),
    token_id: z
      .string()
      .nullable()
      .optional()
      .meta({ ...readOnly, format: 'uuid', description: 'The token that was shown' }),
    request_id: z
      .string()
      .nullable()
      .optional()
      .meta({ ...readOnly, description: 'As in the log and in X-authentik-id' }),
  })
  .meta({ id: 'Event' });

export const eventList = z
  .object({ pagination, results: z.array(event), autocomplete })
  .meta({ id: 'PaginatedEventList' });

export const eventParameter = z.object({
  event_uuid: z.string().meta({ format: 'uuid', description: 'A UUID string identifying this Event.' }),
});

const text = (description: string) => z.string().optional().meta({ description });

export const eventFilterParameters = z.object({
  action: text('Occurs in the action'),
  actions: z.array(action).optional().meta({ description: 'Any of these actions. Can be specified multiple times' }),
  brand_name: text('Brand name: no event here has one'),
  client_ip: text('The client address'),
  context_authorized_app: text('Context Authorized application: no event here has one'),
  context_device: text('Context Device Primary Key: no event here has one'),
  context_model_app: text('App of what it happened to'),
  context_model_name: text('Model of what it happened to'),
  context_model_pk: text('Primary key of what it happened to, with or without dashes'),
  search: text('A search term.'),
  username: text('Username'),
});

export const eventListParameters = eventFilterParameters.extend(pageParameters);
