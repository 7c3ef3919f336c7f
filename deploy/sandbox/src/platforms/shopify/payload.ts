import { atOffset } from '../../clock.js';
import { Digits, type Branch, type Tree } from '../../json.js';
import { decimal, financialStatus, totalsOf, type WorldAddress, type WorldLine, type WorldOrder, type WorldRefund } from '../../orders/order.js';

/** The order as Shopify's REST and webhooks show it (API 2025-10), ids as raw numbers. */
export function orderTree(order: WorldOrder): Branch {
  const totals = totalsOf(order);
  const money = moneyOf(order);
  const at = (ms: number | null): Tree => (ms === null ? null : atOffset(ms, order.offsetMinutes));
  const amount = (minor: number): string => decimal(minor, order.currency);
  const paired = (name: string, minor: number): Branch => ({ [name]: amount(minor), [`${name}_set`]: money(minor) });
  const remaining = totals.total - totals.refunded;
  const returned = order.refunds.flatMap(({ lines }) => lines);
  const returnedItems = returned.reduce((sum, { subtotal }) => sum + subtotal, 0);
  const returnedTax = returned.reduce((sum, { tax }) => sum + tax, 0);
  return {
    id: new Digits(order.id), admin_graphql_api_id: `gid://shopify/Order/${order.id}`, app_id: 580111, browser_ip: null, buyer_accepts_marketing: false,
    cancel_reason: order.cancelReason, cancelled_at: at(order.cancelledAt), cart_token: null, checkout_id: null, closed_at: null, confirmed: true,
    contact_email: order.email, created_at: at(order.createdAt), currency: order.currency,
    ...paired('current_subtotal_price', totals.subtotal - returnedItems), ...paired('current_total_discounts', totals.discount),
    current_total_duties_set: null, ...paired('current_total_price', remaining), ...paired('current_total_tax', totals.tax - returnedTax),
    customer_locale: order.locale, device_id: null,
    discount_codes: order.code === null ? [] : [{ code: order.code.code, amount: amount(totals.discount), type: order.code.type }],
    email: order.email, estimated_taxes: false, financial_status: financialStatus(order), fulfillment_status: null, landing_site: '/collections/all?ref=home', location_id: null,
    name: `#${order.number}`, note: order.note, note_attributes: order.attributes.map(({ name, value }) => ({ name, value })), number: order.number - 1000, order_number: order.number,
    order_status_url: `https://${order.channel}.myshopify.com/548380009/orders/${order.id}/authenticate?key=k${order.id.slice(-6)}`,
    payment_gateway_names: order.paidAt === null ? [] : ['shopify_payments'], phone: order.phone, presentment_currency: order.presentment?.currency ?? order.currency,
    processed_at: at(order.createdAt), referring_site: null, source_name: 'web', ...paired('subtotal_price', totals.subtotal), tags: order.tags,
    tax_lines: taxLines(order, totals.tax), taxes_included: order.taxesIncluded, test: false, token: order.id.slice(0, 12),
    ...paired('total_discounts', totals.discount), ...paired('total_line_items_price', totals.items), total_outstanding: amount(order.paidAt === null ? remaining : 0),
    ...paired('total_price', totals.total), total_shipping_price_set: money(totals.shipping), ...paired('total_tax', totals.tax), total_tip_received: amount(0),
    total_weight: order.lines.reduce((grams, line) => grams + line.grams * line.quantity, 0), updated_at: at(order.updatedAt), user_id: null,
    billing_address: address(order.billing), customer: customer(order), discount_applications: applications(order), fulfillments: [],
    line_items: order.lines.map((line) => lineTree(order, line)), payment_terms: null, refunds: order.refunds.map((refund) => refundTree(order, refund)),
    shipping_address: address(order.shipTo),
    shipping_lines: order.shippingLines.map((line) => ({
      id: new Digits(line.id), carrier_identifier: null, code: line.code, ...paired('discounted_price', line.price - line.discount), phone: null, ...paired('price', line.price),
      source: 'shopify', title: line.title, tax_lines: taxLines(order, line.tax), discount_allocations: allocation(order, line.discount),
    })),
  };
}

/** The body of `refunds/create`. */
export function refundTree(order: WorldOrder, refund: WorldRefund): Branch {
  const at = atOffset(refund.at, order.offsetMinutes);
  const money = moneyOf(order);
  const amount = (minor: number): string => decimal(minor, order.currency);
  return {
    id: new Digits(refund.id), admin_graphql_api_id: `gid://shopify/Refund/${refund.id}`, created_at: at, note: refund.note, order_id: new Digits(order.id), processed_at: at,
    restock: true, user_id: null, total_duties_set: money(0), order_adjustments: [], duties: [],
    refund_line_items: refund.lines.map((part) => {
      const line = order.lines.find(({ id }) => id === part.lineId);
      return {
        id: new Digits(part.id), line_item_id: new Digits(part.lineId), location_id: null, quantity: part.quantity, restock_type: 'cancel', subtotal: amount(part.subtotal),
        subtotal_set: money(part.subtotal), total_tax: amount(part.tax), total_tax_set: money(part.tax), line_item: line === undefined ? null : lineTree(order, line),
      };
    }),
    transactions: [{
      id: new Digits(`${BigInt(refund.id) + 1n}`), order_id: new Digits(order.id), amount: amount(refund.amount), currency: order.currency, gateway: 'shopify_payments', kind: 'refund',
      status: 'success', created_at: at, processed_at: at, test: false, message: 'Transaction approved',
    }],
  };
}

const moneyOf = (order: WorldOrder) => (minor: number): Branch => {
  const shown = order.presentment ?? { currency: order.currency, rate: 1 };
  return {
    shop_money: { amount: decimal(minor, order.currency), currency_code: order.currency },
    presentment_money: { amount: decimal(Math.round(minor * shown.rate), shown.currency), currency_code: shown.currency },
  };
};

const allocation = (order: WorldOrder, minor: number): Tree =>
  minor === 0 ? [] : [{ amount: decimal(minor, order.currency), amount_set: moneyOf(order)(minor), discount_application_index: 0 }];

const taxLines = (order: WorldOrder, minor: number): Tree =>
  minor === 0 ? [] : [{ channel_liable: false, price: decimal(minor, order.currency), price_set: moneyOf(order)(minor), rate: order.taxRate, title: order.taxTitle }];

function lineTree(order: WorldOrder, line: WorldLine): Branch {
  const money = moneyOf(order);
  return {
    id: new Digits(line.id), admin_graphql_api_id: `gid://shopify/LineItem/${line.id}`, current_quantity: line.currentQuantity, fulfillable_quantity: line.currentQuantity,
    fulfillment_service: 'manual', fulfillment_status: null, gift_card: false, grams: line.grams, name: line.variant === null ? line.title : `${line.title} - ${line.variant}`,
    price: decimal(line.price, order.currency), price_set: money(line.price), product_exists: true, product_id: new Digits(line.productId),
    properties: line.properties.map(({ name, value }) => ({ name, value })), quantity: line.quantity, requires_shipping: true, sku: line.sku, taxable: order.taxRate > 0, title: line.title,
    // As on the real platform: code discounts stand in the allocations, not here.
    total_discount: decimal(0, order.currency), total_discount_set: money(0), variant_id: new Digits(`${BigInt(line.productId) + 1n}`), variant_inventory_management: 'shopify',
    variant_title: line.variant, vendor: 'Flotilla Demo', tax_lines: taxLines(order, line.tax), duties: [], discount_allocations: allocation(order, line.discount),
  };
}

function applications(order: WorldOrder): Tree {
  if (order.code === null) return [];
  const { code, type, value } = order.code;
  return [{
    target_type: type === 'shipping' ? 'shipping_line' : 'line_item', type: 'discount_code', value: type === 'fixed_amount' ? decimal(Number(value), order.currency) : value,
    value_type: type === 'fixed_amount' ? 'fixed_amount' : 'percentage', allocation_method: type === 'shipping' ? 'each' : 'across', target_selection: 'all', code,
  }];
}

function address(of: WorldAddress | null): Tree {
  if (of === null) return null;
  return {
    first_name: of.firstName, address1: of.street, phone: of.phone, city: of.city, zip: of.postcode, province: of.province, country: of.countryName, last_name: of.lastName,
    address2: of.street2, company: of.company, latitude: null, longitude: null, name: of.name, country_code: of.country, province_code: of.provinceCode,
  };
}

function customer(order: WorldOrder): Tree {
  // Orders from the shop's own counter have no customer.
  if (order.email === null && order.phone === null) return null;
  return {
    id: new Digits(order.customerId), email: order.email, created_at: null, updated_at: null, first_name: order.shipTo?.firstName ?? null, last_name: order.shipTo?.lastName ?? null,
    state: 'disabled', note: null, verified_email: true, tax_exempt: false, phone: order.phone, tags: '', currency: order.currency,
    admin_graphql_api_id: `gid://shopify/Customer/${order.customerId}`, default_address: address(order.shipTo),
  };
}
