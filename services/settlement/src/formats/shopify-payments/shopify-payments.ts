import { Refused } from '@flotilla/decider';
import { ownOf } from '@flotilla/values';
import type { LineKind } from '../../decide/line.js';
import { cell } from '../amounts.js';
import { currencyOf, fingerprint, label, number } from '../cells.js';
import type { StatementFormat } from '../format.js';
import { instant } from '../instants.js';

const kinds: Readonly<Record<string, LineKind>> = {
  charge: 'CHARGE', refund: 'REFUND', adjustment: 'ADJUSTMENT', payout: 'PAYOUT', chargeback: 'ADJUSTMENT', 'chargeback won': 'ADJUSTMENT', dispute: 'ADJUSTMENT', fee: 'ADJUSTMENT',
  addebito: 'CHARGE', rimborso: 'REFUND', pago: 'CHARGE', reembolso: 'REFUND', paiement: 'CHARGE', remboursement: 'REFUND', zahlung: 'CHARGE', belastung: 'CHARGE', rückerstattung: 'REFUND', 收款: 'CHARGE', 退款: 'REFUND',
};

/** Shopify's payments transactions export: by the names of its header, in whatever order, quoted or not, with comma, semicolon or tab. */
export const shopifyPayments: StatementFormat = {
  name: 'shopify-payments',
  title: { zh: 'Shopify Payments 交易明细', en: 'Shopify payments transactions' },
  legacy: 'windows-1252',
  columns: {
    date: ['transaction date', 'data transazione', 'data della transazione', 'transaktionsdatum', 'date de la transaction', 'fecha de la transacción', '交易日期'],
    type: ['type', 'tipo', 'typ', '类型'],
    order: ['order', 'ordine', 'bestellung', 'commande', 'pedido', '订单'],
    payout: ['payout id', 'id pagamento', 'id del pagamento', 'auszahlungs-id', 'id du versement', 'id de pago', '付款 id'],
    amount: ['amount', 'importo', 'betrag', 'montant', 'importe', '金额'],
    fee: ['fee', 'commissione', 'gebühr', 'frais', 'tarifa', '手续费'],
    vat: ['vat', 'iva', 'mwst.', 'tva'],
    net: ['net', 'netto', 'nettobetrag', 'neto', '净额'],
    currency: ['currency', 'valuta', 'währung', 'devise', 'moneda', '币种'],
  },
  needed: ['date', 'type', 'order', 'payout', 'amount', 'fee', 'net', 'currency'],
  start: ({ channel, separator }) => {
    const payouts = new Set<string>();
    return {
      row: ({ row, at }) => {
        const currency = currencyOf('Currency', at('currency'));
        const money = (column: string, name: string): number => cell(name, at(column) || '0', currency, separator);
        const [amount, said, vat, net] = [cell('Amount', at('amount'), currency, separator), money('fee', 'Fee'), money('vat', 'VAT'), cell('Net', at('net'), currency, separator)];
        // Some countries' exports tell the tax on the fee beside it, others within it.
        const fee = amount - said === net ? said : said + vat;
        if (amount - fee !== net) throw new Refused('BAD_AMOUNT', 'Net is not Amount − Fee');
        const [occurredAt, type, reference] = [instant('Transaction Date', at('date')), at('type').toLowerCase(), number('Order', at('order'))];
        const kind = ownOf(kinds, type) ?? 'UNKNOWN';
        const payout = number('Payout ID', at('payout'));
        if (payout !== '' && payouts.size < 5) payouts.add(payout);
        return [
          {
            row, part: '', kind, label: label(type), reference, occurredAt, amount: { amount, currency }, fee: { amount: fee, currency }, net: { amount: net, currency },
            // Without the payout: a line that is exported before and after it was paid out is one line, in whatever language.
            fingerprint: fingerprint(channel, occurredAt, kind === 'CHARGE' || kind === 'REFUND' ? kind.toLowerCase() : type, reference, amount, fee, currency),
          },
        ];
      },
      end: () => ({ batchNo: [...payouts].join(','), checks: [] }),
    };
  },
};
