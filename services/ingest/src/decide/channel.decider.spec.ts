import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { channel } from './channel.decider.js';
import type { ChannelEvent, ChannelSettings } from './channel.events.js';

const { given } = specify(channel);
const at = '2026-11-21T00:00:00.000Z';
const settings: ChannelSettings = { id: 'shopify-demo', platform: 'shopify', name: 'Demo', apiUrl: 'http://127.0.0.1:1', secret: 'wrapped.1', secretFingerprint: 's1', token: 'wrapped.2', tokenFingerprint: 't1' };
const connected: ChannelEvent = { type: 'ChannelConnected', data: { ...settings, connectedAt: at } };

describe('a channel', () => {
  it('ING-01: is connected once; the same settings again, sealed anew, change nothing', () => {
    given().when({ type: 'ConnectChannel', data: { ...settings, at } }).then(connected);
    given(connected).when({ type: 'ConnectChannel', data: { ...settings, secret: 'wrapped.9', at } }).thenNothing();
    given(connected).when({ type: 'ConfigureChannel', data: { ...settings, secret: 'wrapped.9', at } }).thenNothing();
  });
  it('ING-01: other settings are refused to a person, and taken over from configuration', () => {
    given(connected).when({ type: 'ConnectChannel', data: { ...settings, secretFingerprint: 's2', at } }).thenRefused('CHANNEL_EXISTS');
    given(connected).when({ type: 'ConfigureChannel', data: { ...settings, secretFingerprint: 's2', at } }).then({ type: 'ChannelSettingsChanged', data: { ...settings, secretFingerprint: 's2', changedAt: at } });
    given(connected).when({ type: 'ConfigureChannel', data: { ...settings, platform: 'woocommerce', at } }).thenRefused('CHANNEL_EXISTS');
    given(connected, { type: 'ChannelSettingsChanged', data: { ...settings, apiUrl: 'http://127.0.0.1:2', changedAt: at } }).when({ type: 'ConfigureChannel', data: { ...settings, apiUrl: 'http://127.0.0.1:2', at } }).thenNothing();
  });
  it('ING-02: a token that was renewed is not turned back by a file that still holds the one before; another one is taken, and a person is believed', () => {
    const renewed: ChannelEvent = { type: 'ChannelTokenRenewed', data: { id: settings.id, platform: settings.platform, token: 'wrapped.3', tokenFingerprint: 't2', changedAt: at } };
    const kept = { ...settings, token: 'wrapped.3', tokenFingerprint: 't2' };
    given(connected).when({ type: 'RenewToken', data: { token: 'wrapped.3', tokenFingerprint: 't2', at } }).then(renewed);
    given(connected, renewed).when({ type: 'ConfigureChannel', data: { ...settings, at } }).thenNothing();
    given(connected, renewed).when({ type: 'ConfigureChannel', data: { ...settings, name: 'Other', at } }).then({ type: 'ChannelSettingsChanged', data: { ...kept, name: 'Other', changedAt: at } });
    given(connected, renewed, { type: 'ChannelSettingsChanged', data: { ...kept, name: 'Other', changedAt: at } }).when({ type: 'ConfigureChannel', data: { ...settings, name: 'Other', at } }).thenNothing();
    given(connected, renewed).when({ type: 'ConfigureChannel', data: { ...settings, token: 'wrapped.4', tokenFingerprint: 't3', at } }).then({ type: 'ChannelSettingsChanged', data: { ...settings, token: 'wrapped.4', tokenFingerprint: 't3', changedAt: at } });
    given(connected, renewed).when({ type: 'ChangeSettings', data: { ...settings, at } }).then({ type: 'ChannelSettingsChanged', data: { ...settings, changedAt: at } });
  });
  it.each([{ id: 'Shop A' }, { id: '' }, { platform: '../x' }, { apiUrl: 'ftp://x' }])('ING-01: %j is refused', (change) => given().when({ type: 'ConnectChannel', data: { ...settings, ...change, at } }).thenRefused('BAD_REQUEST'));
});
