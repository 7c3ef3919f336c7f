/** What is said of an address that was read (`AddressCheck.flags`), in the words of whoever can mend it. */
export const addressFlags = {
  VAGUE: { zh: '地址不明确，快递员找不到：请写明路名、门牌号、楼栋和房号', en: 'a courier cannot find this: give the street, the house number, the building and the door' },
  INCOMPLETE: { zh: '缺少详细地址：请写明路名和门牌号', en: 'the street is missing: give the street and the house number' },
  CONTRADICTION: { zh: '省、市、区互相矛盾：请核对所在地区', en: 'province, city and district cannot all be right: check them' },
  AMBIGUOUS: { zh: '有多个同名的地方：请写明省和市', en: 'several places are called so: give the province and the city' },
  UNKNOWN_PLACE: { zh: '有一个地名未能识别：请核对', en: 'one of the names is of no place that is known: check it' },
  FORMER_NAME: { zh: '用了旧地名', en: 'a name of before is used' },
  MISSPELT: { zh: '地名疑有错别字', en: 'a name seems to be misspelt' },
  POSTCODE_WRONG: { zh: '邮编与地区不符或格式不对', en: 'the postcode is not of this place, or has no form of one' },
  PHONE_WRONG: { zh: '电话号码有误：请核对', en: 'the phone number can be nobody’s: check it' },
  PHONE_VIRTUAL: { zh: '虚拟号码，会失效', en: 'a relay number, which rings for some weeks only' },
} as const satisfies Record<string, { zh: string; en: string }>;
export type AddressFlag = keyof typeof addressFlags;
