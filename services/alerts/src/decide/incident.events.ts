import type { alerts } from '@flotilla/contracts';

/** Who is told of an incident at a level, and why nobody is. */
export interface Routed {
  readonly incidentId: string;
  /** 0 = when it was raised; n = its n-th escalation. */
  readonly level: number;
  readonly targets: readonly string[];
  /** The silence that covers it; "" if none does. */
  readonly silencedBy: string;
  /** When somebody must have acknowledged it, or when the silence ends (business time); "" = never looked at again. */
  readonly lookAt: string;
  /** Of the policy. */
  readonly version: number;
}

export type IncidentEvent =
  | { readonly type: 'IncidentRaised'; readonly data: alerts.IncidentRaised }
  | { readonly type: 'IncidentRouted'; readonly data: Routed }
  | { readonly type: 'IncidentEscalated'; readonly data: alerts.IncidentEscalated }
  | { readonly type: 'IncidentAcknowledged'; readonly data: alerts.IncidentAcknowledged }
  /** A remark of somebody who looked at it. */
  | { readonly type: 'IncidentRemarked'; readonly data: { readonly incidentId: string; readonly by: string; readonly text: string; readonly at: string } }
  | { readonly type: 'IncidentCleared'; readonly data: alerts.IncidentCleared };
