/**
 * A carrier's words without the people in them: phones of couriers, who carries it, who signed for it. Scans are kept for ever
 * and shown to whoever has the link, and nobody here needs those.
 */
export const withoutPeople = (text: string): string =>
  text
    .replace(/(?!\d{4}-\d{2}-\d{2})(?<![\d-])\+?\d[\d*][\d*\s-]{4,}\d/g, '***')
    .replace(/(签收人|收件人|快递员|派件员|业务员|联系人)\s*[:：【[]\s*[^,，。;；)）\]】\s]+/g, '$1:***')
    .replace(/(快递员|派件员|业务员)\s*[\u4e00-\u9fff·*]{2,4}(?=\s*[(（【]?\s*(?:联系)?电话)/g, '$1')
    .replace(/(交给)(?!快递员)[\u4e00-\u9fff·*]{2,6}(?=[,，(（])/g, '$1快递员')
    .replace(/(signed(?: for)? by|recipient|received by)\s*[:：]?\s*[^,;)]+/gi, '$1 ***');
