import { topics, type allocation } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { alarmStream, raise, silence } from '../coordinate/watching.js';
import { alarms } from '../decide/rules.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';

const out = ({ warehouse, trip }: Pick<allocation.NodeTripped, 'warehouse' | 'trip'>) => ({ rule: alarms.warehouseOut, subject: warehouse, time: trip });
const frozen = ({ sku, freeze }: Pick<allocation.SkuFrozen, 'sku' | 'freeze'>) => ({ rule: alarms.skuFrozen, subject: sku, time: freeze });

// Each parcel is asked for once: the next one of the same order has an id of its own.
const unsent = ({ parcelId }: Pick<allocation.SupplierOverdue, 'parcelId'>) => ({ rule: alarms.supplierLate, subject: parcelId, time: 1 });

/** Facts of allocation that are alarms themselves: a warehouse out of the candidates, a SKU that is not promised any more, a supplier that does not send. */
export const stockFacts: ServiceConsumer = {
  name: 'alerts-stock',
  topics: [topics.catalogue, topics.allocation],
  handlers: {
    'flotilla.allocation.v1.NodeTripped': {
      streams: ({ data }) => [alarmStream(out(data as allocation.NodeTripped)), [ruleset, RULESET]],
      handle: ({ data, time }, unit) => {
        const tripped = data as allocation.NodeTripped;
        const { lateInARow, until, contact } = tripped;
        const zh = `连续 ${lateInARow} 单送达超时，${until} 前不再派单。负责人：${contact || '未登记，请在导入仓库时填写联系人'}`;
        const en = `${lateInARow} deliveries in a row were late; no orders until ${until}. In charge: ${contact || 'nobody is named; import the warehouse with a contact'}`;
        raise(unit, out(tripped), { zh, en }, time);
      },
    },
    'flotilla.allocation.v1.NodeRestored': {
      streams: ({ data }) => [alarmStream(out(data as allocation.NodeRestored))],
      handle: ({ data, time }, unit) => silence(unit, out(data as allocation.NodeRestored), time),
    },
    'flotilla.allocation.v1.SkuFrozen': {
      streams: ({ data }) => [alarmStream(frozen(data as allocation.SkuFrozen)), [ruleset, RULESET]],
      handle: ({ data, time }, unit) => {
        const { failed, reserved, reason, until } = data as allocation.SkuFrozen;
        const [zh, en] = reserved > 0 ? [`${reserved} 次预占中 ${failed} 次无法兑现`, `${failed} of ${reserved} promises could not be kept`] : [reason, reason];
        const words = { zh: `${zh}；${until ? `${until} 前` : '人工解冻前'}不再售卖：请盘点货架`, en: `${en}; not promised to anybody ${until ? `until ${until}` : 'until somebody unfreezes it'}: count the shelf` };
        raise(unit, frozen(data as allocation.SkuFrozen), words, time);
      },
    },
    'flotilla.allocation.v1.SkuUnfrozen': {
      streams: ({ data }) => [alarmStream(frozen(data as allocation.SkuUnfrozen))],
      handle: ({ data, time }, unit) => silence(unit, frozen(data as allocation.SkuUnfrozen), time),
    },
    'flotilla.allocation.v1.SupplierOverdue': {
      streams: ({ data }) => [alarmStream(unsent(data as allocation.SupplierOverdue)), [ruleset, RULESET]],
      handle: ({ data }, unit) => {
        const { warehouse, foId, askedAt, dueAt, contact, parcelId } = data as allocation.SupplierOverdue;
        const zh = `供应商 ${warehouse} 自 ${askedAt} 起持有订单 ${foId}，应于 ${dueAt} 前发出：请催促或取消。负责人：${contact || '未登记，请在导入仓库时填写联系人'}`;
        const en = `supplier ${warehouse} has had order ${foId} since ${askedAt} and was to send it by ${dueAt}: ask it, or cancel. In charge: ${contact || 'nobody is named; import its warehouse with a contact'}`;
        raise(unit, unsent({ parcelId }), { zh, en }, dueAt);
      },
    },
    'flotilla.allocation.v1.SupplierOverdueEnded': {
      streams: ({ data }) => [alarmStream(unsent(data as allocation.SupplierOverdueEnded))],
      handle: ({ data, time }, unit) => silence(unit, unsent(data as allocation.SupplierOverdueEnded), time),
    },
  },
};
