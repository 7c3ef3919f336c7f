import type { ServiceContext } from '@flotilla/service-kit';
import type { Platform } from './channels/platform.js';
import type { ConnectedChannels } from './accept/connected-channels.js';
import type { Deliveries } from './accept/deliveries.js';
import type { remarkReader } from './accept/remark-rules.js';
import type { ConnectorKey } from './keys/connector-key.js';
import type { Secrets } from './keys/secrets.js';
import type { SubjectKeyRing } from './keys/subject-keys.js';

/** What the stages of this service share. */
export interface Ingest {
  readonly ctx: ServiceContext;
  readonly secrets: Secrets;
  readonly keys: SubjectKeyRing;
  readonly connectorKey: ConnectorKey;
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly channels: ConnectedChannels;
  readonly deliveries: Deliveries;
  readonly remarks: ReturnType<typeof remarkReader>;
}
