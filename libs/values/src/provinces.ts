// China's first-level divisions: the short Chinese name and its pinyin, so that "Guangdong", "广东" and "广东省" are one zone.
const table: Readonly<Record<string, string>> = {
  beijing: '北京', tianjin: '天津', hebei: '河北', shanxi: '山西', innermongolia: '内蒙古', neimenggu: '内蒙古', liaoning: '辽宁', jilin: '吉林', heilongjiang: '黑龙江',
  shanghai: '上海', jiangsu: '江苏', zhejiang: '浙江', anhui: '安徽', fujian: '福建', jiangxi: '江西', shandong: '山东', henan: '河南', hubei: '湖北', hunan: '湖南',
  guangdong: '广东', guangxi: '广西', hainan: '海南', chongqing: '重庆', sichuan: '四川', guizhou: '贵州', yunnan: '云南', tibet: '西藏', xizang: '西藏', shaanxi: '陕西',
  gansu: '甘肃', qinghai: '青海', ningxia: '宁夏', xinjiang: '新疆',
};
// Two-letter codes of ISO 3166-2:CN, as shops outside China send them.
const codes: Readonly<Record<string, string>> = {
  BJ: '北京', TJ: '天津', HE: '河北', SX: '山西', NM: '内蒙古', LN: '辽宁', JL: '吉林', HL: '黑龙江', SH: '上海', JS: '江苏', ZJ: '浙江', AH: '安徽', FJ: '福建', JX: '江西',
  SD: '山东', HA: '河南', HB: '湖北', HN: '湖南', GD: '广东', GX: '广西', HI: '海南', CQ: '重庆', SC: '四川', GZ: '贵州', YN: '云南', XZ: '西藏', SN: '陕西', GS: '甘肃', QH: '青海',
  NX: '宁夏', XJ: '新疆',
};
const suffix = /(?:壮族|回族|维吾尔)?(?:特别行政区|自治区|省|市)$/u;

/** A province as zones compare it: `provinceKey('CN', '广东省')` = `provinceKey('CN', 'Guangdong')` = "广东"; elsewhere lower case letters and digits. */
export const provinceKey = (country: string, province: string): string => {
  const text = province.normalize('NFKC').trim();
  const plain = text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  if (country !== 'CN') return plain;
  const latin = plain.replace(/(?:zhuangautonomousregion|huiautonomousregion|uyghurautonomousregion|uygurautonomousregion|autonomousregion|province|municipality|shi|sheng)$/u, '');
  return codes[text.toUpperCase()] ?? table[latin] ?? text.replace(suffix, '');
};
