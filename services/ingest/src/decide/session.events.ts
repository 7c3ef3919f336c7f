import type { ingest } from '@flotilla/contracts';

export type SessionEvent =
  /** `fingerprint`: of the token whose session is to be renewed. */
  | { readonly type: 'SessionRenewalBegun'; readonly data: { readonly channel: string; readonly attempt: number; readonly fingerprint: string; readonly at: string } }
  /** `fingerprint`: of the token that came of it. */
  | { readonly type: 'SessionRenewed'; readonly data: { readonly channel: string; readonly fingerprint: string; readonly expiresAt: string; readonly renewAt: string; readonly at: string } }
  /** It came to nothing that only people can mend. */
  | { readonly type: 'SessionRenewalPutOff'; readonly data: { readonly channel: string; readonly why: string; readonly nextAt: string } }
  | { readonly type: 'ChannelSessionRefused'; readonly data: ingest.ChannelSessionRefused }
  | { readonly type: 'ChannelSessionRestored'; readonly data: ingest.ChannelSessionRestored };
