import type { ComponentType } from 'react';
import { type Icon, IconAlertOctagon, IconBarcode, IconBox, IconBuildingWarehouse, IconChartBar, IconDevices, IconFileImport, IconLock, IconPackages, IconParkingCircle, IconPlugConnected, IconPrinter, IconReceipt2, IconRoute, IconTags, IconTruck } from '@tabler/icons-react';
import type { Need, Text } from './kit/index.js';
import type { Locale } from './kit/locale.js';

/** Groups of the navigation, in its order. */
export const groups = {
  orders: { en: 'Orders', 'zh-CN': '订单' },
  warehouse: { en: 'Warehouse', 'zh-CN': '仓库' },
  attention: { en: 'Attention', 'zh-CN': '待处理' },
  money: { en: 'Money', 'zh-CN': '财务' },
  insight: { en: 'Insight', 'zh-CN': '分析' },
  setup: { en: 'Set-up', 'zh-CN': '设置' },
} as const satisfies Record<string, Record<Locale, Text>>;

export interface PageEntry {
  /** As the router writes it: `/orders/:orderId`. */
  readonly path: string;
  readonly name: Readonly<Record<Locale, string>>;
  readonly icon: Icon;
  readonly group: keyof typeof groups;
  /** The method or role without which it is of no use: it is not shown then, and says why when its link is followed. */
  readonly needs: Need;
  /** Reached from other pages alone. */
  readonly within?: true;
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

/** Every page of the console, one line each; the first one that may be seen is where a person begins. */
export const pages: readonly PageEntry[] = [
  { path: '/orders', name: { en: 'Orders', 'zh-CN': '订单' }, icon: IconPackages, group: 'orders', needs: 'flotilla.order.v1.Orders/List', load: () => import('./pages/orders/index.js') },
  { path: '/station', name: { en: 'Ship station', 'zh-CN': '打包发货台' }, icon: IconBarcode, group: 'warehouse', needs: 'flotilla.carrier.v1.Printing/Print', load: () => import('./pages/station/index.js') },
  { path: '/print-queue', name: { en: 'Print queue', 'zh-CN': '打印队列' }, icon: IconPrinter, group: 'warehouse', needs: 'flotilla.carrier.v1.Printing/List', load: () => import('./pages/print-queue/index.js') },
  { path: '/setup/channels', name: { en: 'Channels', 'zh-CN': '店铺' }, icon: IconPlugConnected, group: 'setup', needs: 'flotilla.ingest.v1.Channels/List', load: () => import('./pages/setup-channels/index.js') },
  { path: '/setup/mapping/:channel', name: { en: 'Field mapping', 'zh-CN': '字段映射' }, icon: IconPlugConnected, group: 'setup', needs: 'flotilla.ingest.v1.Mappings/Put', within: true, load: () => import('./pages/setup-mapping/index.js') },
  { path: '/setup/sku-map', name: { en: 'SKU map', 'zh-CN': '商品映射' }, icon: IconTags, group: 'setup', needs: 'flotilla.ingest.v1.SkuMap/ListTasks', load: () => import('./pages/setup-sku-map/index.js') },
  { path: '/setup/warehouses', name: { en: 'Warehouses', 'zh-CN': '仓库' }, icon: IconBuildingWarehouse, group: 'setup', needs: 'flotilla.allocation.v1.Warehouses/List', load: () => import('./pages/setup-warehouses/index.js') },
  { path: '/setup/rules', name: { en: 'Routing rules', 'zh-CN': '路由规则' }, icon: IconRoute, group: 'setup', needs: 'flotilla.allocation.v1.Routing/GetRules', load: () => import('./pages/setup-rules/index.js') },
  { path: '/setup/carriers', name: { en: 'Carriers', 'zh-CN': '承运商' }, icon: IconTruck, group: 'setup', needs: 'flotilla.carrier.v1.RateCards/Quote', load: () => import('./pages/setup-carriers/index.js') },
  { path: '/setup/imports', name: { en: 'Imports', 'zh-CN': '导入' }, icon: IconFileImport, group: 'setup', needs: 'flotilla.ingest.v1.Imports/List', load: () => import('./pages/setup-imports/index.js') },
  { path: '/setup/stations', name: { en: 'Stations', 'zh-CN': '工位' }, icon: IconDevices, group: 'setup', needs: 'flotilla.carrier.v1.Printing/ListStations', load: () => import('./pages/setup-stations/index.js') },
  { path: '/orders/:orderId', name: { en: 'Order', 'zh-CN': '订单' }, icon: IconPackages, group: 'orders', needs: 'flotilla.order.v1.Orders/Get', within: true, load: () => import('./pages/order/index.js') },
  { path: '/stock', name: { en: 'Stock', 'zh-CN': '库存' }, icon: IconBox, group: 'warehouse', needs: 'flotilla.allocation.v1.Stock/List', load: () => import('./pages/stock/index.js') },
  { path: '/locks', name: { en: 'Lock room', 'zh-CN': '锁库间' }, icon: IconLock, group: 'warehouse', needs: 'flotilla.allocation.v1.Locks/List', load: () => import('./pages/locks/index.js') },
  { path: '/incidents', name: { en: 'Incidents', 'zh-CN': '异常' }, icon: IconAlertOctagon, group: 'attention', needs: 'flotilla.alerts.v1.Incidents/List', load: () => import('./pages/incidents/index.js') },
  { path: '/parked', name: { en: 'Parked and failed', 'zh-CN': '挂起与失败' }, icon: IconParkingCircle, group: 'attention', needs: 'flotilla.ingest.v1.Quarantine/List', load: () => import('./pages/parked/index.js') },
  { path: '/tracking', name: { en: 'Tracking', 'zh-CN': '物流跟踪' }, icon: IconTruck, group: 'attention', needs: 'flotilla.tracking.v1.Shipments/List', load: () => import('./pages/tracking/index.js') },
  { path: '/statements', name: { en: 'Statements', 'zh-CN': '对账' }, icon: IconReceipt2, group: 'money', needs: 'flotilla.settlement.v1.Statements/List', load: () => import('./pages/statements/index.js') },
  { path: '/dashboards', name: { en: 'Dashboards', 'zh-CN': '看板' }, icon: IconChartBar, group: 'insight', needs: 'flotilla.order.v1.Figures/Get', load: () => import('./pages/dashboards/index.js') },
];
