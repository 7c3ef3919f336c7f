import type { alerts } from '@flotilla/contracts';

export type IncidentEvent =
  | { readonly type: 'IncidentRaised'; readonly data: alerts.IncidentRaised }
  | { readonly type: 'IncidentAcknowledged'; readonly data: alerts.IncidentAcknowledged }
  | { readonly type: 'IncidentCleared'; readonly data: alerts.IncidentCleared };
