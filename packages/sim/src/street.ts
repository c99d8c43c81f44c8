/** How a house is called and addressed in its country: plausible, and kept simple. */
import { pick, type Random } from './random.ts';

export interface Address {
  /** Such as "Haus Lindenweg 12, Freiburg". */
  readonly name: string;
  /** Such as "Lindenweg 12, Freiburg, Germany". */
  readonly address: string;
}

/** A street with its number, by where the number stands; `{}` is its place. */
interface Style {
  readonly countries: string;
  /** What stands before the street in a house's name. */
  readonly house: string;
  readonly streets: readonly string[];
}

// prettier-ignore
const STYLES: readonly Style[] = [
  { countries: 'DE AT LI LU', house: 'Haus ', streets: ['Lindenweg {}', 'Gartenstraße {}', 'Am Mühlbach {}', 'Schulstraße {}', 'Kirchgasse {}', 'Rosenweg {}', 'Bergstraße {}', 'Birkenallee {}'] },
  { countries: 'CH', house: 'Haus ', streets: ['Lindenweg {}', 'Seestrasse {}', 'Dorfstrasse {}', 'Bahnhofstrasse {}', 'Rue du Lac {}', 'Mattenweg {}'] },
  { countries: 'FR MC BE SN CI CM CD MG ML BF HT GA TG BJ NE TD CG', house: 'Maison ', streets: ['{} rue des Lilas', '{} rue du Moulin', '{} avenue Pasteur', '{} chemin des Vignes', '{} rue de l’Église', '{} place du Marché', '{} allée des Tilleuls'] },
  { countries: 'IT SM VA', house: 'Casa ', streets: ['Via Roma {}', 'Via Garibaldi {}', 'Via dei Mille {}', 'Corso Italia {}', 'Via San Marco {}', 'Viale dei Pini {}'] },
  { countries: 'ES MX AR CO CL PE VE EC BO UY PY CU DO GT HN SV NI CR PA GQ PR', house: 'Casa ', streets: ['Calle Mayor {}', 'Calle del Sol {}', 'Avenida Libertad {}', 'Calle San José {}', 'Calle de las Flores {}', 'Paseo del Río {}'] },
  { countries: 'PT BR AO MZ CV GW', house: 'Casa ', streets: ['Rua das Flores, {}', 'Rua da Escola, {}', 'Avenida Brasil, {}', 'Rua do Sol, {}', 'Rua São João, {}', 'Travessa da Fonte, {}'] },
  { countries: 'GB IE', house: '', streets: ['{} Elm Grove', '{} Station Road', '{} Church Lane', '{} Mill Street', '{} Orchard Close', '{} Victoria Terrace'] },
  { countries: 'US CA', house: '', streets: ['{} Maple Street', '{} Oak Avenue', '{} Lakeview Drive', '{} Cedar Lane', '{} Washington Street', '{} Hillcrest Road'] },
  { countries: 'AU NZ ZA KE NG GH UG TZ ZM ZW JM', house: '', streets: ['{} Acacia Avenue', '{} Station Street', '{} Garden Road', '{} Hill Street', '{} River Road', '{} Church Street'] },
  { countries: 'NL SR', house: 'Huis ', streets: ['Kerkstraat {}', 'Molenweg {}', 'Dorpsstraat {}', 'Beukenlaan {}', 'Havenkade {}'] },
  { countries: 'SE', house: '', streets: ['Björkvägen {}', 'Storgatan {}', 'Skolgatan {}', 'Ängsvägen {}', 'Strandvägen {}'] },
  { countries: 'NO DK IS FO GL', house: '', streets: ['Skoleveien {}', 'Kirkegata {}', 'Strandveien {}', 'Bjørkeveien {}', 'Storgata {}'] },
  { countries: 'FI', house: '', streets: ['Koivukuja {}', 'Koulukatu {}', 'Rantatie {}', 'Kirkkokatu {}'] },
  { countries: 'PL', house: 'Dom ', streets: ['ul. Lipowa {}', 'ul. Ogrodowa {}', 'ul. Szkolna {}', 'ul. Polna {}', 'ul. Słoneczna {}'] },
  { countries: 'CZ SK', house: '', streets: ['Lipová {}', 'Zahradní {}', 'Školní {}', 'Polní {}', 'Na Kopci {}'] },
  { countries: 'RU UA BY KZ UZ KG TJ TM', house: '', streets: ['Sadovaya ulitsa {}', 'ulitsa Lesnaya {}', 'Shkolnaya ulitsa {}', 'Naberezhnaya {}', 'ulitsa Mira {}'] },
  { countries: 'HR RS BA ME', house: 'Kuća ', streets: ['Lipova {}', 'Školska {}', 'Vrtna {}', 'Cvjetna {}'] },
  { countries: 'HU', house: '', streets: ['Kossuth utca {}', 'Petőfi utca {}', 'Hársfa utca {}', 'Kertész utca {}'] },
  { countries: 'RO MD', house: 'Casa ', streets: ['Strada Florilor {}', 'Strada Teilor {}', 'Strada Școlii {}', 'Bulevardul Unirii {}'] },
  { countries: 'GR CY', house: '', streets: ['Odos Ermou {}', 'Odos Antheon {}', 'Leoforos Dimokratias {}', 'Odos Sokratous {}'] },
  { countries: 'TR', house: '', streets: ['Çınar Sokak {}', 'Atatürk Caddesi {}', 'Gül Sokak {}', 'Bahçe Sokak {}'] },
  { countries: 'JP', house: '', streets: ['Sakuragaoka {}', 'Midori-machi {}', 'Honchō {}', 'Asahi-machi {}', 'Minami {}'] },
  { countries: 'CN TW HK MO SG', house: '', streets: ['{} Renmin Road', '{} Heping Road', '{} Jiefang Road', '{} Zhongshan Road', '{} Xinhua Street'] },
  { countries: 'KR KP', house: '', streets: ['Jungang-ro {}', 'Hakgyo-gil {}', 'Haeoreum-ro {}', 'Beotkkot-ro {}'] },
  { countries: 'IN PK BD LK NP', house: '', streets: ['{} Gandhi Road', '{} Station Road', '{} Lake View Road', '{} Temple Street', '{} Garden Colony'] },
  { countries: 'ID MY BN', house: 'Rumah ', streets: ['Jalan Merdeka {}', 'Jalan Melati {}', 'Jalan Kenanga {}', 'Jalan Sudirman {}'] },
  { countries: 'VN', house: '', streets: ['{} Lê Lợi', '{} Trần Phú', '{} Nguyễn Huệ', '{} Hai Bà Trưng'] },
  { countries: 'PH', house: '', streets: ['{} Rizal Street', '{} Mabini Street', '{} Sampaguita Street', '{} Bonifacio Avenue'] },
  { countries: 'TH MM KH LA', house: '', streets: ['{} Ratchadamnoen Road', '{} Suan Road', '{} River Road', '{} Market Road'] },
  { countries: 'EG SA AE MA DZ TN LY IQ JO LB SY KW QA BH OM YE SD', house: 'Dar ', streets: ['Al Nakheel Street {}', 'Al Salam Street {}', 'Al Nour Street {}', 'Al Madrasa Street {}'] },
];

const ELSEWHERE: Style = {
  countries: '',
  house: '',
  streets: ['{} Garden Street', '{} Main Road', '{} School Lane', '{} Market Street', '{} River Road'],
};

const STYLE_BY_COUNTRY = new Map(STYLES.flatMap((style) => style.countries.split(' ').map((code) => [code, style])));
const HOUSE_NUMBER_MAX = 96;
const countryNames = new Intl.DisplayNames(['en'], { type: 'region' });

export function addressIn(town: { readonly name: string; readonly country: string }, random: Random): Address {
  const { house, streets } = STYLE_BY_COUNTRY.get(town.country) ?? ELSEWHERE;
  // Low numbers are commoner than high ones: every street has a 4, few have a 90.
  const number = 1 + Math.floor(random() * random() * HOUSE_NUMBER_MAX);
  const street = pick(random, streets).replace('{}', String(number));
  return {
    name: `${house}${street}, ${town.name}`,
    address: `${street}, ${town.name}, ${countryNames.of(town.country) ?? town.country}`,
  };
}
