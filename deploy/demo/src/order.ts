import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { apiKeyCaller, callAs } from '@flotilla/contracts';
import { home, root, run, Stop, type DemoChannel, type Run } from '@flotilla/tasks';
import { orderIdOf } from '@flotilla/values';
import { callFleet } from './fleet.ts';
import { importSeed } from './seed.ts';

const usage = `npm run order -- --channel C [--file F] [--import]
  Signs one order as its platform would, posts it to the running fleet and follows it for a while.
  --channel C   shopify-demo (the default)
  --file F      the webhook's body; without it deploy/seed/orders/shopify.json under a new number
  --import      first bring warehouses, catalogue, stock and rate cards from deploy/seed (needed once after "npm run up")`;

/** The local contract of the fleet that runs: `up` or a demo that stayed up. */
const readRun = (): Run => {
  const file = [join(home, 'run.json'), join(home, 'demo', 'run.json')].find((path) => existsSync(path));
  if (!file) throw new Stop('No fleet is up here: start one with "npm run up" or "npm run demo" and keep it running.');
  return JSON.parse(readFileSync(file, 'utf8')) as Run;
};

const sample = (): string => {
  const text = readFileSync(join(root, 'deploy', 'seed', 'orders', 'shopify.json'), 'utf8');
  const now = new Date().toISOString();
  return text.replaceAll('"{id}"', String(randomInt(2 ** 40, 2 ** 47))).replaceAll('{number}', String(randomInt(10_000, 99_999))).replaceAll('{now}', now);
};

const post = async (url: string, channel: DemoChannel, body: string): Promise<void> => {
  const headers = {
    'content-type': 'application/json',
    'x-shopify-topic': 'orders/create',
    'x-shopify-shop-domain': `${channel.id}.myshopify.com`,
    'x-shopify-api-version': '2025-10',
    'x-shopify-webhook-id': randomUUID(),
    'x-shopify-triggered-at': new Date().toISOString(),
    'x-shopify-hmac-sha256': createHmac('sha256', channel.secret).update(body).digest('base64'),
  };
  const response = await fetch(`${url}/v1/channels/${channel.id}/webhooks`, { method: 'POST', headers, body });
  if (!response.ok) throw new Stop(`ingest answered ${response.status}: ${await response.text()}`);
};

await run(async () => {
  const { values } = parseArgs({ options: { channel: { type: 'string', default: 'shopify-demo' }, file: { type: 'string' }, import: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const running = readRun();
  const channel = running.channels.find(({ id }) => id === values.channel);
  if (!channel) throw new Stop(`There is no channel "${values.channel}". Channels: ${running.channels.map(({ id }) => id).join(', ')}.`);
  if (channel.platform !== 'shopify') throw new Stop(`"${channel.id}" takes no webhooks yet; shopify-demo does.`);
  callAs(apiKeyCaller(running.apiKey));
  const fleet = callFleet(running.grpc);
  if (values.import) {
    await importSeed(fleet);
    console.log('imported: warehouses, catalogue, stock, rate cards');
  }
  const body = values.file ? readFileSync(values.file, 'utf8') : sample();
  await post(running.http['ingest']!, channel, body);
  const channelOrderId = /"id"\s*:\s*"?(\d+)/.exec(body)?.[1];
  if (!channelOrderId) throw new Stop('Posted and accepted, but the body has no "id" to follow: look into quarantine (flotilla.ingest.v1.Quarantine/List).');
  const orderId = orderIdOf(channel.id, channelOrderId);
  console.log(`accepted: order ${orderId}`);
  let last = '';
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(250)) {
    const found = await fleet.orders.get({ orderId }).catch(() => undefined);
    const told = found ? `${found.state}${found.waitsFor ? `, waits for ${found.waitsFor}` : ''}` : '';
    if (told && told !== last) console.log(`  ${(last = told)}`);
    if (found && (['CLOSED', 'CANCELLED'].includes(found.state) || ['SHIP', 'BACKORDER'].includes(found.waitsFor) || found.waitsFor.startsWith('HOLD'))) break;
  }
  fleet.close();
  const curl = (service: string, method: string, request: object): string => `grpcurl -plaintext -H "authorization: Bearer $KEY" -d '${JSON.stringify(request)}' ${running.grpc[service]} ${method}`;
  console.log(`\nKEY=${running.apiKey}   # of this installation, from .flotilla/run.json`);
  console.log(`The order:    ${curl('order-core', 'flotilla.order.v1.Orders/Get', { orderId })}`);
  console.log(`Its history:  ${curl('order-core', 'flotilla.order.v1.Orders/History', { orderId })}`);
  console.log(`Its parcels:  ${curl('carrier', 'flotilla.carrier.v1.Parcels/List', {})}`);
  return 0;
});
