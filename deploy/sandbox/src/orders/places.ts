/** Chinese places: province, its code, city, district ("" where the city has none), postcode. Made-up streets in real places. */
export const CHINA: readonly (readonly [province: string, english: string, code: string, city: string, district: string, postcode: string])[] = [
  ['广东省', 'Guangdong', 'GD', '深圳市', '南山区', '518052'],
  ['广东省', 'Guangdong', 'GD', '广州市', '天河区', '510630'],
  ['广东省', 'Guangdong', 'GD', '佛山市', '顺德区', '528300'],
  ['广东省', 'Guangdong', 'GD', '东莞市', '', '523808'],
  ['广东省', 'Guangdong', 'GD', '中山市', '', '528400'],
  ['海南省', 'Hainan', 'HI', '儋州市', '', '571700'],
  ['海南省', 'Hainan', 'HI', '海口市', '龙华区', '570105'],
  ['北京市', 'Beijing', 'BJ', '北京市', '朝阳区', '100020'],
  ['北京', 'Beijing', 'BJ', '市辖区', '海淀区', '100080'],
  ['上海市', 'Shanghai', 'SH', '上海市', '浦东新区', '200120'],
  ['上海', 'Shanghai', 'SH', '市辖区', '徐汇区', '200030'],
  ['天津市', 'Tianjin', 'TJ', '天津市', '河西区', '300074'],
  ['重庆市', 'Chongqing', 'CQ', '重庆市', '渝北区', '401120'],
  ['重庆市', 'Chongqing', 'CQ', '县', '云阳县', '404500'],
  ['浙江省', 'Zhejiang', 'ZJ', '杭州市', '西湖区', '310012'],
  ['浙江省', 'Zhejiang', 'ZJ', '宁波市', '鄞州区', '315100'],
  ['浙江省', 'Zhejiang', 'ZJ', '义乌市', '', '322000'],
  ['江苏省', 'Jiangsu', 'JS', '苏州市', '姑苏区', '215005'],
  ['江苏省', 'Jiangsu', 'JS', '南京市', '鼓楼区', '210009'],
  ['福建省', 'Fujian', 'FJ', '厦门市', '思明区', '361001'],
  ['湖北省', 'Hubei', 'HB', '武汉市', '洪山区', '430070'],
  ['湖北省', 'Hubei', 'HB', '仙桃市', '', '433000'],
  ['湖南省', 'Hunan', 'HN', '长沙市', '岳麓区', '410006'],
  ['四川省', 'Sichuan', 'SC', '成都市', '武侯区', '610041'],
  ['陕西省', 'Shaanxi', 'SN', '西安市', '雁塔区', '710061'],
  ['山东省', 'Shandong', 'SD', '青岛市', '市南区', '266071'],
  ['河南省', 'Henan', 'HA', '郑州市', '金水区', '450003'],
  ['辽宁省', 'Liaoning', 'LN', '大连市', '沙河口区', '116021'],
  ['黑龙江省', 'Heilongjiang', 'HL', '哈尔滨市', '道里区', '150010'],
  ['云南省', 'Yunnan', 'YN', '大理白族自治州', '大理市', '671000'],
  ['贵州省', 'Guizhou', 'GZ', '贵阳市', '观山湖区', '550081'],
  ['甘肃省', 'Gansu', 'GS', '兰州市', '城关区', '730030'],
  ['内蒙古自治区', 'Inner Mongolia', 'NM', '呼和浩特市', '赛罕区', '010020'],
  ['广西壮族自治区', 'Guangxi', 'GX', '南宁市', '青秀区', '530022'],
  ['西藏自治区', 'Tibet', 'YZ', '拉萨市', '城关区', '850000'],
  ['新疆维吾尔自治区', 'Xinjiang', 'XJ', '喀什地区', '喀什市', '844000'],
  ['新疆维吾尔自治区', 'Xinjiang', 'XJ', '乌鲁木齐市', '天山区', '830002'],
];

export const CHINA_STREETS = ['科技南路', '建设二路', '人民东路', '学院路', '中山北路', '滨江大道', '解放路', '文昌街', '和平里', '长江西路', '迎宾大道', '团结巷'] as const;
export const CHINA_ESTATES = ['翠园小区', '阳光花园', '锦绣江南小区', '万科城市花园', '碧桂园凤凰城', '幸福里小区', '书香名邸', '保利香槟国际', '金地格林小区', '绿城百合公寓'] as const;
export const CHINA_SURNAMES = ['王', '李', '张', '刘', '陈', '杨', '黄', '赵', '吴', '周', '徐', '孙', '马', '朱', '胡', '郭', '何', '林', '罗', '欧阳', '司马'] as const;
export const CHINA_GIVEN = ['伟', '芳', '娜', '敏', '静', '磊', '洋', '艳', '勇', '杰', '晓彤', '子涵', '雨桐', '建国', '秀英', '志强', '梓轩', '欣怡', '浩然', '思远', '㛃', '昇'] as const;
export const UYGHUR = ['阿不都热合曼·艾买提', '古丽努尔·吐尔逊', '买买提江·卡德尔', '阿依古丽·热合曼'] as const;
export const CHINA_COMPANIES = ['深圳市云帆科技有限公司', '杭州青禾文化创意有限公司', '上海一味餐饮管理有限公司', '成都拾光摄影工作室', '北京北辰律师事务所'] as const;

export interface Abroad {
  country: string;
  countryName: string;
  currency: string;
  offsetMinutes: number;
  locale: string;
  taxTitle: string;
  taxRate: number;
  taxesIncluded: boolean;
  places: readonly (readonly [city: string, province: string | null, code: string | null, postcode: string])[];
  streets: readonly string[];
  first: readonly string[];
  last: readonly string[];
  phone: (digits: (count: number) => string) => string;
  presentment?: { currency: string; rate: number };
}

const abroad = (country: Abroad): Abroad => country;

export const ABROAD: readonly Abroad[] = [
  abroad({
    country: 'US', countryName: 'United States', currency: 'USD', offsetMinutes: -300, locale: 'en-US', taxTitle: 'State Tax', taxRate: 0.0825, taxesIncluded: false,
    places: [['Austin', 'Texas', 'TX', '78704'], ['Brooklyn', 'New York', 'NY', '11215-4302'], ['San José', 'California', 'CA', '95112'], ['Louisville', 'Kentucky', 'KY', '40202'], ['Anchorage', 'Alaska', 'AK', '99501']],
    streets: ['Chestnut Street', 'Maple Avenue', 'S Congress Ave', 'Lincoln Blvd', "O'Farrell Street"],
    first: ['Emily', 'Marcus', "D'Andre", 'Sofía', 'Grace', 'Tyler'], last: ['Johnson', 'Nguyen', 'Ramírez', "O'Connor", 'Smith-Walker'],
    phone: (digits) => `+1 (${'512'}) ${digits(3)}-${digits(4)}`,
  }),
  abroad({
    country: 'CA', countryName: 'Canada', currency: 'USD', offsetMinutes: -300, locale: 'fr-CA', taxTitle: 'HST', taxRate: 0.13, taxesIncluded: false,
    places: [['Ottawa', 'Ontario', 'ON', 'K2H 7A8'], ['Montréal', 'Quebec', 'QC', 'H2X 1Y4'], ['Vancouver', 'British Columbia', 'BC', 'V6B1A1']],
    streets: ['Rue Sainte-Catherine O', 'Elm St.', 'Granville Street'], first: ['Chloé', 'Liam', 'Amélie', 'Noah'], last: ['Tremblay', 'Singh', 'Gagnon', 'MacDonald'],
    phone: (digits) => `613-${digits(3)}-${digits(4)}`, presentment: { currency: 'CAD', rate: 1.37 },
  }),
  abroad({
    country: 'DE', countryName: 'Germany', currency: 'EUR', offsetMinutes: 60, locale: 'de', taxTitle: 'MwSt.', taxRate: 0.19, taxesIncluded: true,
    places: [['Berlin', null, null, '10999'], ['München', null, null, '80331'], ['Köln', null, null, '50667'], ['Weißenfels', null, null, '06667']],
    streets: ['Straße des 17. Juni', 'Goethestraße', 'Am Großen Wannsee', 'Lindenallee'], first: ['Jürgen', 'Anneliese', 'Lukas', 'Zoë'], last: ['Müller', 'Groß', 'von der Heide', 'Schäfer'],
    phone: (digits) => `+49 30 ${digits(7)}`,
  }),
  abroad({
    country: 'FR', countryName: 'France', currency: 'EUR', offsetMinutes: 60, locale: 'fr', taxTitle: 'TVA', taxRate: 0.2, taxesIncluded: true,
    places: [['Paris', null, null, '75011'], ['Lyon', null, null, '69002'], ['Saint-Étienne', null, null, '42000']],
    streets: ["rue de l'Abbé-Grégoire", 'bd Voltaire', 'quai des Célestins'], first: ['Hélène', 'François', 'Maëlle', 'Cédric'], last: ['Lefèvre', "D'Aboville", 'Benoît', 'Nguyen'],
    phone: (digits) => `06 ${digits(2)} ${digits(2)} ${digits(2)} ${digits(2)}`,
  }),
  abroad({
    country: 'GB', countryName: 'United Kingdom', currency: 'GBP', offsetMinutes: 0, locale: 'en-GB', taxTitle: 'VAT', taxRate: 0.2, taxesIncluded: true,
    places: [['London', 'England', 'ENG', 'SW1A 2AA'], ['Edinburgh', 'Scotland', 'SCT', 'EH1 1YZ'], ['Llanfairpwllgwyngyll', 'Wales', 'WLS', 'LL61 5UJ']],
    streets: ['Baker Street', 'Royal Mile', 'Station Road'], first: ['Oliver', 'Siân', 'Isla', 'Harry'], last: ['Taylor', 'Evans', 'McLeod', 'Featherstonehaugh'],
    phone: (digits) => `+44 7700 900${digits(3)}`,
  }),
  abroad({
    country: 'MY', countryName: 'Malaysia', currency: 'USD', offsetMinutes: 480, locale: 'ms', taxTitle: 'SST', taxRate: 0, taxesIncluded: true,
    places: [['Petaling Jaya', 'Selangor', 'SGR', '47400'], ['George Town', 'Penang', 'PNG', '10200'], ['Kota Kinabalu', 'Sabah', 'SBH', '88000']],
    streets: ['Jalan SS 21/37, Damansara Utama', 'Lorong Burma', 'No. 12A, Taman Sri Hartamas, Jalan 23/70A'], first: ['Nurul Izzati binti', 'Muhammad Amirul bin', 'Wei Ling', 'Kavitha a/p'], last: ['Abdullah', 'Rahman', 'Tan', 'Subramaniam'],
    phone: (digits) => `+6012${digits(7)}`, presentment: { currency: 'MYR', rate: 4.42 },
  }),
  abroad({
    country: 'JP', countryName: 'Japan', currency: 'JPY', offsetMinutes: 540, locale: 'ja', taxTitle: '消費税', taxRate: 0.1, taxesIncluded: true,
    places: [['渋谷区', '東京都', 'JP-13', '150-0002'], ['大阪市北区', '大阪府', 'JP-27', '530-0001'], ['札幌市中央区', '北海道', 'JP-01', '060-0001']],
    streets: ['神宮前', '梅田', '大通西'], first: ['美咲', '健太', 'さくら', '翔'], last: ['髙橋', '渡邊', '佐藤', '小鳥遊'],
    phone: (digits) => `090-${digits(4)}-${digits(4)}`,
  }),
  abroad({
    country: 'AU', countryName: 'Australia', currency: 'USD', offsetMinutes: 600, locale: 'en-AU', taxTitle: 'GST', taxRate: 0.1, taxesIncluded: true,
    places: [['Sydney', 'New South Wales', 'NSW', '2000'], ['Hobart', 'Tasmania', 'TAS', '7000'], ['Perth', 'Western Australia', 'WA', '6000']],
    streets: ['George St', 'Wattle Grove Rd', 'Unit 4/18 Banksia Cres'], first: ['Charlotte', 'Jack', 'Ruby', 'Bluey'], last: ['Wilson', 'Papadopoulos', 'Kelly', 'Nguyen'],
    phone: (digits) => `04${digits(2)} ${digits(3)} ${digits(3)}`,
  }),
];

export const REMARKS_ZH = ['请发顺丰', '请尽快发货，谢谢！', '工作日送货，放门卫', '生日礼物🎁 请附贺卡：祝妈妈生日快乐❤️', '周末不在家，请下周一再派送', '不要放快递柜', '开发票，抬头个人', '包装好一点，怕碎'] as const;
export const REMARKS_EN = ['Please leave at door', 'Gift wrap please 🎁🎉', 'Ring bell #3; dog is friendly 🐶', 'Please ship together', "It's a birthday present – no invoice in the box!", 'Call before delivery', 'Leave with neighbour (No. 14)\nif nobody is home'] as const;
