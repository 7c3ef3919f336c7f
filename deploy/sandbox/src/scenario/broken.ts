import { writeJson, type Branch, type Tree } from '../json.js';
import { orderTree } from '../platforms/shopify/payload.js';
import type { WorldOrder } from '../orders/order.js';
import type { Role } from './quotas.js';

/** A body that cannot be understood, rightly signed, beside the one it should have been. */
export function broken(role: Role, order: WorldOrder): { body: string; garbage: boolean } {
  const tree = orderTree(order);
  const write = (changed: Branch): { body: string; garbage: boolean } => ({ body: writeJson(changed, order.hand), garbage: false });
  switch (role) {
    case 'bad-truncated': {
      const whole = Buffer.from(writeJson(tree, order.hand));
      return { body: whole.subarray(0, Math.floor(whole.length * 0.6)).toString('utf8').replace(/\ufffd+$/, ''), garbage: true };
    }
    case 'bad-lines':
      return write(Object.fromEntries(Object.entries(tree).filter(([name]) => name !== 'line_items')));
    case 'bad-currency':
      return write(everywhere(tree, (name, value) => ((name === 'currency' || name === 'currency_code') && value === order.currency ? 'XQZ' : value)) as Branch);
    case 'bad-quantity':
      return write({ ...tree, line_items: firstLine(tree, { quantity: -3, current_quantity: -3 }) });
    case 'bad-amount':
      return write({ ...tree, total_price: 'twelve', line_items: firstLine(tree, { price: '1e400 !!' }) });
    case 'bad-address':
      return write({ ...tree, shipping_address: null, billing_address: null, customer: null });
    default:
      return write(tree);
  }
}

function firstLine(tree: Branch, changes: Branch): Tree {
  const lines = tree['line_items'] as readonly Branch[];
  return lines.map((line, index) => (index === 0 ? { ...line, ...changes } : line));
}

function everywhere(tree: Tree, change: (name: string, value: Tree) => Tree): Tree {
  if (Array.isArray(tree)) return tree.map((item: Tree) => everywhere(item, change));
  if (tree === null || typeof tree !== 'object' || !isBranch(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, everywhere(change(name, value), change)]));
}

const isBranch = (tree: object): tree is Branch => Object.getPrototypeOf(tree) === Object.prototype;
