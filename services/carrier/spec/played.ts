import { carriers } from '../src/perform/carriers/registry.js';
import type { FakeGateway } from './fake-gateway.js';
import { fakeKdniao, kdniaoAccount } from './fake-kdniao.js';
import { account, fakeSf } from './fake-sf.js';

/** Who plays a carrier's gateway in specs. */
export interface Played {
  readonly fake: () => Promise<FakeGateway>;
  /** Where the gateway stands, what signs, and the rest of the account. */
  readonly url: string;
  readonly secret: string;
  readonly account: Readonly<Record<string, string>>;
}

const kdniao: Played = { fake: fakeKdniao, url: 'FLOTILLA_KDNIAO_URL', secret: 'FLOTILLA_KDNIAO_APP_KEY', account: kdniaoAccount };

/** By carrier. Who has a gateway is played by a fake, which can fail; who asks nobody has none. */
export const played: Readonly<Record<string, Played | null>> = {
  sf: { fake: fakeSf, url: 'FLOTILLA_SF_URL', secret: 'FLOTILLA_SF_CHECKWORD', account },
  own: null,
  ...Object.fromEntries(carriers.filter(({ gateway }) => gateway === 'kdniao').map(({ manifest }) => [manifest.name, kdniao])),
};
