/** A connected shop. `secret` and `token` are sealed under the key-encryption key; the fingerprints tell whether they changed. */
export interface ChannelSettings {
  readonly id: string;
  readonly platform: string;
  readonly name: string;
  readonly apiUrl: string;
  readonly secret: string;
  readonly secretFingerprint: string;
  readonly token: string;
  readonly tokenFingerprint: string;
}

export type ChannelEvent =
  | { readonly type: 'ChannelConnected'; readonly data: ChannelSettings & { readonly connectedAt: string } }
  | { readonly type: 'ChannelSettingsChanged'; readonly data: ChannelSettings & { readonly changedAt: string } }
  /** By ourselves, at the platform. */
  | { readonly type: 'ChannelTokenRenewed'; readonly data: Pick<ChannelSettings, 'id' | 'platform' | 'token' | 'tokenFingerprint'> & { readonly changedAt: string } };
