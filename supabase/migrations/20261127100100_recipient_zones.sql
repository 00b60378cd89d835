-- The time zone of a person: of their number, looked up once per spelling, and what their metadata, ZIP
-- code and state say of it.
set lock_timeout = '5s';

alter table broadcast.phone_numbers add column time_zone text, add column time_zones text[];
comment on column broadcast.phone_numbers.time_zone is 'Null: not known for certain.';
comment on column broadcast.phone_numbers.time_zones is
  'The zones it may be in when that is not certain, none when nothing is known; null: not looked up yet.';
-- Of those that were checked before zones were looked up with them; empty once they are.
create index phone_numbers_without_zones on broadcast.phone_numbers (workspace_id, raw)
  where time_zones is null and e164 is not null;

-- What is known of time zones are constants, which the planner puts into the statement that asks: a table
-- would be looked into for each of a million people. clarion/audience/zone_data holds the same.
do $$
begin
  -- How people write a time zone, as broadcast.plain has it, and its canonical name. Words that mean two
  -- of them (MST is Denver's winter and all of Arizona's year) are not there.
  execute format(
    'create function broadcast.zone_names() returns jsonb language sql immutable parallel safe return %L::jsonb',
    (
      select jsonb_object_agg(name, zone)
      from (
        select lower(zone collate "C") as name, zone
        from regexp_split_to_table(
            'Africa/Abidjan Africa/Accra Africa/Addis_Ababa Africa/Algiers Africa/Asmara Africa/Bamako
            Africa/Bangui Africa/Banjul Africa/Bissau Africa/Blantyre Africa/Brazzaville Africa/Bujumbura
            Africa/Cairo Africa/Casablanca Africa/Ceuta Africa/Conakry Africa/Dakar Africa/Dar_es_Salaam
            Africa/Djibouti Africa/Douala Africa/El_Aaiun Africa/Freetown Africa/Gaborone Africa/Harare
            Africa/Johannesburg Africa/Juba Africa/Kampala Africa/Khartoum Africa/Kigali Africa/Kinshasa
            Africa/Lagos Africa/Libreville Africa/Lome Africa/Luanda Africa/Lubumbashi Africa/Lusaka
            Africa/Malabo Africa/Maputo Africa/Maseru Africa/Mbabane Africa/Mogadishu Africa/Monrovia
            Africa/Nairobi Africa/Ndjamena Africa/Niamey Africa/Nouakchott Africa/Ouagadougou Africa/Porto-Novo
            Africa/Sao_Tome Africa/Tripoli Africa/Tunis Africa/Windhoek America/Adak America/Anchorage
            America/Anguilla America/Antigua America/Araguaina America/Argentina/Buenos_Aires
            America/Argentina/Catamarca America/Argentina/Cordoba America/Argentina/Jujuy
            America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos
            America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis
            America/Argentina/Tucuman America/Argentina/Ushuaia America/Aruba America/Asuncion America/Atikokan
            America/Bahia America/Bahia_Banderas America/Barbados America/Belem America/Belize
            America/Blanc-Sablon America/Boa_Vista America/Bogota America/Boise America/Cambridge_Bay
            America/Campo_Grande America/Cancun America/Caracas America/Cayenne America/Cayman America/Chicago
            America/Chihuahua America/Ciudad_Juarez America/Costa_Rica America/Coyhaique America/Creston
            America/Cuiaba America/Curacao America/Danmarkshavn America/Dawson America/Dawson_Creek
            America/Denver America/Detroit America/Dominica America/Edmonton America/Eirunepe
            America/El_Salvador America/Fort_Nelson America/Fortaleza America/Glace_Bay America/Goose_Bay
            America/Grand_Turk America/Grenada America/Guadeloupe America/Guatemala America/Guayaquil
            America/Guyana America/Halifax America/Havana America/Hermosillo America/Indiana/Indianapolis
            America/Indiana/Knox America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Tell_City
            America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Inuvik
            America/Iqaluit America/Jamaica America/Juneau America/Kentucky/Louisville
            America/Kentucky/Monticello America/Kralendijk America/La_Paz America/Lima America/Los_Angeles
            America/Lower_Princes America/Maceio America/Managua America/Manaus America/Marigot
            America/Martinique America/Matamoros America/Mazatlan America/Menominee America/Merida
            America/Metlakatla America/Mexico_City America/Miquelon America/Moncton America/Monterrey
            America/Montevideo America/Montserrat America/Nassau America/New_York America/Nome America/Noronha
            America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Nuuk
            America/Ojinaga America/Panama America/Paramaribo America/Phoenix America/Port-au-Prince
            America/Port_of_Spain America/Porto_Velho America/Puerto_Rico America/Punta_Arenas
            America/Rankin_Inlet America/Recife America/Regina America/Resolute America/Rio_Branco
            America/Santarem America/Santiago America/Santo_Domingo America/Sao_Paulo America/Scoresbysund
            America/Sitka America/St_Barthelemy America/St_Johns America/St_Kitts America/St_Lucia
            America/St_Thomas America/St_Vincent America/Swift_Current America/Tegucigalpa America/Thule
            America/Tijuana America/Toronto America/Tortola America/Vancouver America/Whitehorse
            America/Winnipeg America/Yakutat Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville
            Antarctica/Macquarie Antarctica/Mawson Antarctica/McMurdo Antarctica/Palmer Antarctica/Rothera
            Antarctica/Syowa Antarctica/Troll Antarctica/Vostok Arctic/Longyearbyen Asia/Aden Asia/Almaty
            Asia/Amman Asia/Anadyr Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Atyrau Asia/Baghdad Asia/Bahrain
            Asia/Baku Asia/Bangkok Asia/Barnaul Asia/Beirut Asia/Bishkek Asia/Brunei Asia/Chita Asia/Colombo
            Asia/Damascus Asia/Dhaka Asia/Dili Asia/Dubai Asia/Dushanbe Asia/Famagusta Asia/Gaza Asia/Hebron
            Asia/Ho_Chi_Minh Asia/Hong_Kong Asia/Hovd Asia/Irkutsk Asia/Jakarta Asia/Jayapura Asia/Jerusalem
            Asia/Kabul Asia/Kamchatka Asia/Karachi Asia/Kathmandu Asia/Khandyga Asia/Kolkata Asia/Krasnoyarsk
            Asia/Kuala_Lumpur Asia/Kuching Asia/Kuwait Asia/Macau Asia/Magadan Asia/Makassar Asia/Manila
            Asia/Muscat Asia/Nicosia Asia/Novokuznetsk Asia/Novosibirsk Asia/Omsk Asia/Oral Asia/Phnom_Penh
            Asia/Pontianak Asia/Pyongyang Asia/Qatar Asia/Qostanay Asia/Qyzylorda Asia/Riyadh Asia/Sakhalin
            Asia/Samarkand Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Srednekolymsk Asia/Taipei Asia/Tashkent
            Asia/Tbilisi Asia/Tehran Asia/Thimphu Asia/Tokyo Asia/Tomsk Asia/Ulaanbaatar Asia/Urumqi
            Asia/Ust-Nera Asia/Vientiane Asia/Vladivostok Asia/Yakutsk Asia/Yangon Asia/Yekaterinburg
            Asia/Yerevan Atlantic/Azores Atlantic/Bermuda Atlantic/Canary Atlantic/Cape_Verde Atlantic/Faroe
            Atlantic/Madeira Atlantic/Reykjavik Atlantic/South_Georgia Atlantic/St_Helena Atlantic/Stanley
            Australia/Adelaide Australia/Brisbane Australia/Broken_Hill Australia/Darwin Australia/Eucla
            Australia/Hobart Australia/Lindeman Australia/Lord_Howe Australia/Melbourne Australia/Perth
            Australia/Sydney Etc/GMT Etc/GMT+1 Etc/GMT+10 Etc/GMT+11 Etc/GMT+12 Etc/GMT+2 Etc/GMT+3 Etc/GMT+4
            Etc/GMT+5 Etc/GMT+6 Etc/GMT+7 Etc/GMT+8 Etc/GMT+9 Etc/GMT-1 Etc/GMT-10 Etc/GMT-11 Etc/GMT-12
            Etc/GMT-13 Etc/GMT-14 Etc/GMT-2 Etc/GMT-3 Etc/GMT-4 Etc/GMT-5 Etc/GMT-6 Etc/GMT-7 Etc/GMT-8
            Etc/GMT-9 Europe/Amsterdam Europe/Andorra Europe/Astrakhan Europe/Athens Europe/Belgrade
            Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Bucharest Europe/Budapest Europe/Busingen
            Europe/Chisinau Europe/Copenhagen Europe/Dublin Europe/Gibraltar Europe/Guernsey Europe/Helsinki
            Europe/Isle_of_Man Europe/Istanbul Europe/Jersey Europe/Kaliningrad Europe/Kirov Europe/Kyiv
            Europe/Lisbon Europe/Ljubljana Europe/London Europe/Luxembourg Europe/Madrid Europe/Malta
            Europe/Mariehamn Europe/Minsk Europe/Monaco Europe/Moscow Europe/Oslo Europe/Paris Europe/Podgorica
            Europe/Prague Europe/Riga Europe/Rome Europe/Samara Europe/San_Marino Europe/Sarajevo Europe/Saratov
            Europe/Simferopol Europe/Skopje Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Tirane
            Europe/Ulyanovsk Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Vilnius Europe/Volgograd
            Europe/Warsaw Europe/Zagreb Europe/Zurich Indian/Antananarivo Indian/Chagos Indian/Christmas
            Indian/Cocos Indian/Comoro Indian/Kerguelen Indian/Mahe Indian/Maldives Indian/Mauritius
            Indian/Mayotte Indian/Reunion Pacific/Apia Pacific/Auckland Pacific/Bougainville Pacific/Chatham
            Pacific/Chuuk Pacific/Easter Pacific/Efate Pacific/Fakaofo Pacific/Fiji Pacific/Funafuti
            Pacific/Galapagos Pacific/Gambier Pacific/Guadalcanal Pacific/Guam Pacific/Honolulu Pacific/Kanton
            Pacific/Kiritimati Pacific/Kosrae Pacific/Kwajalein Pacific/Majuro Pacific/Marquesas Pacific/Midway
            Pacific/Nauru Pacific/Niue Pacific/Norfolk Pacific/Noumea Pacific/Pago_Pago Pacific/Palau
            Pacific/Pitcairn Pacific/Pohnpei Pacific/Port_Moresby Pacific/Rarotonga Pacific/Saipan
            Pacific/Tahiti Pacific/Tarawa Pacific/Tongatapu Pacific/Wake Pacific/Wallis UTC',
          '\s+'
        ) zone
        union all
        select name, zone
        from (values
          ('Africa/Abidjan', 'africa/timbuktu iceland'),
          ('Africa/Cairo', 'egypt'),
          ('Africa/Nairobi', 'africa/asmera'),
          ('Africa/Tripoli', 'libya'),
          ('America/Adak', 'america/atka us/aleutian'),
          ('America/Anchorage',
            'akdt akst alaska alaska_daylight_time alaska_standard_time alaska_time alaskan_standard_time
            us/alaska'),
          ('America/Argentina/Buenos_Aires', 'america/buenos_aires'),
          ('America/Argentina/Catamarca', 'america/argentina/comodrivadavia america/catamarca'),
          ('America/Argentina/Cordoba', 'america/cordoba america/rosario'),
          ('America/Argentina/Jujuy', 'america/jujuy'),
          ('America/Argentina/Mendoza', 'america/mendoza'),
          ('America/Chicago',
            'cdt central central_daylight_time central_standard_time central_time central_time_(us_&_canada)
            chicago cst cst6cdt ct us/central us_central us_central_time'),
          ('America/Denver',
            'america/shiprock denver mdt mountain mountain_daylight_time mountain_time
            mountain_time_(us_&_canada) mst7mdt mt navajo us/mountain us_mountain us_mountain_time'),
          ('America/Detroit', 'us/michigan'),
          ('America/Edmonton', 'america/yellowknife canada/mountain'),
          ('America/Halifax', 'atlantic_time_(canada) canada/atlantic'),
          ('America/Havana', 'cuba'),
          ('America/Indiana/Indianapolis', 'america/fort_wayne america/indianapolis us/east-indiana'),
          ('America/Indiana/Knox', 'america/knox_in us/indiana-starke'),
          ('America/Iqaluit', 'america/pangnirtung'),
          ('America/Jamaica', 'jamaica'),
          ('America/Kentucky/Louisville', 'america/louisville'),
          ('America/Los_Angeles',
            'los_angeles pacific pacific_daylight_time pacific_standard_time pacific_time
            pacific_time_(us_&_canada) pdt pst pst8pdt pt us/pacific us_pacific us_pacific_time'),
          ('America/Manaus', 'brazil/west'),
          ('America/Mazatlan', 'mexico/bajasur'),
          ('America/Mexico_City', 'mexico/general'),
          ('America/New_York',
            'eastern eastern_daylight_time eastern_standard_time eastern_time eastern_time_(us_&_canada) edt est
            est5edt et new_york us/eastern us_eastern us_eastern_time'),
          ('America/Noronha', 'brazil/denoronha'),
          ('America/Nuuk', 'america/godthab'),
          ('America/Panama', 'america/coral_harbour'),
          ('America/Phoenix', 'arizona phoenix us/arizona us_mountain_standard_time'),
          ('America/Puerto_Rico', 'america/virgin'),
          ('America/Regina', 'canada/saskatchewan'),
          ('America/Rio_Branco', 'america/porto_acre brazil/acre'),
          ('America/Santiago', 'chile/continental'),
          ('America/Sao_Paulo', 'brazil/east'),
          ('America/St_Johns', 'canada/newfoundland newfoundland newfoundland_standard_time newfoundland_time'),
          ('America/Tijuana', 'america/ensenada america/santa_isabel mexico/bajanorte'),
          ('America/Toronto', 'america/montreal america/nipigon america/thunder_bay canada/eastern'),
          ('America/Vancouver', 'canada/pacific'),
          ('America/Whitehorse', 'canada/yukon'),
          ('America/Winnipeg', 'america/rainy_river canada/central'),
          ('Asia/Ashgabat', 'asia/ashkhabad'),
          ('Asia/Dhaka', 'asia/dacca'),
          ('Asia/Ho_Chi_Minh', 'asia/saigon'),
          ('Asia/Hong_Kong', 'hongkong'),
          ('Asia/Jerusalem', 'asia/tel_aviv israel'),
          ('Asia/Kathmandu', 'asia/katmandu'),
          ('Asia/Kolkata', 'asia/calcutta'),
          ('Asia/Macau', 'asia/macao'),
          ('Asia/Makassar', 'asia/ujung_pandang'),
          ('Asia/Nicosia', 'europe/nicosia'),
          ('Asia/Seoul', 'rok'),
          ('Asia/Shanghai', 'asia/chongqing asia/chungking asia/harbin prc'),
          ('Asia/Singapore', 'singapore'),
          ('Asia/Taipei', 'roc'),
          ('Asia/Tehran', 'iran'),
          ('Asia/Thimphu', 'asia/thimbu'),
          ('Asia/Tokyo', 'japan'),
          ('Asia/Ulaanbaatar', 'asia/choibalsan asia/ulan_bator'),
          ('Asia/Urumqi', 'asia/kashgar'),
          ('Asia/Yangon', 'asia/rangoon'),
          ('Atlantic/Faroe', 'atlantic/faeroe'),
          ('Australia/Adelaide', 'australia/south'),
          ('Australia/Brisbane', 'australia/queensland'),
          ('Australia/Broken_Hill', 'australia/yancowinna'),
          ('Australia/Darwin', 'australia/north'),
          ('Australia/Hobart', 'australia/currie australia/tasmania'),
          ('Australia/Lord_Howe', 'australia/lhi'),
          ('Australia/Melbourne', 'australia/victoria'),
          ('Australia/Perth', 'australia/west'),
          ('Australia/Sydney', 'australia/act australia/canberra australia/nsw'),
          ('Etc/GMT', 'etc/gmt+0 etc/gmt-0 etc/gmt0 etc/greenwich gmt gmt+0 gmt-0 gmt0 greenwich'),
          ('Europe/Athens', 'eet'),
          ('Europe/Berlin', 'atlantic/jan_mayen'),
          ('Europe/Brussels', 'cet met'),
          ('Europe/Chisinau', 'europe/tiraspol'),
          ('Europe/Dublin', 'eire'),
          ('Europe/Istanbul', 'asia/istanbul turkey'),
          ('Europe/Kyiv', 'europe/kiev europe/uzhgorod europe/zaporozhye'),
          ('Europe/Lisbon', 'portugal wet'),
          ('Europe/London', 'europe/belfast gb gb-eire'),
          ('Europe/Moscow', 'w-su'),
          ('Europe/Warsaw', 'poland'),
          ('Pacific/Auckland', 'antarctica/south_pole nz'),
          ('Pacific/Chatham', 'nz-chat'),
          ('Pacific/Easter', 'chile/easterisland'),
          ('Pacific/Guadalcanal', 'pacific/ponape'),
          ('Pacific/Honolulu',
            'hawaii hawaii_standard_time hawaii_time hawaiian_standard_time hst pacific/johnston us/hawaii'),
          ('Pacific/Kanton', 'pacific/enderbury'),
          ('Pacific/Kwajalein', 'kwajalein'),
          ('Pacific/Pago_Pago', 'pacific/samoa us/samoa'),
          ('Pacific/Port_Moresby', 'pacific/truk pacific/yap'),
          ('UTC', 'etc/uct etc/universal etc/utc etc/zulu uct universal z zulu')
        ) known (zone, names), regexp_split_to_table(known.names, '\s+') name
      ) names
    )
  );

  -- States, territories and provinces by name and code, as broadcast.plain has them: only those that have
  -- one time.
  execute format(
    'create function broadcast.state_zones() returns jsonb language sql immutable parallel safe return %L::jsonb',
    (
      select jsonb_object_agg(name, zone)
      from (values
        ('America/Chicago',
          'al alabama ar arkansas ia il illinois iowa la louisiana minnesota mississippi missouri mn mo ms ok
          oklahoma wi wisconsin'),
        ('America/Denver', 'co colorado montana mt new_mexico nm ut utah wy wyoming'),
        ('America/Edmonton', 'ab alberta northwest_territories nt'),
        ('America/Halifax', 'nova_scotia ns pe pei prince_edward_island'),
        ('America/Los_Angeles', 'ca california wa washington'),
        ('America/Moncton', 'nb new_brunswick'),
        ('America/New_York',
          'connecticut ct d.c. dc de delaware district_of_columbia ga georgia ma maine maryland massachusetts
          md me nc new_hampshire new_jersey new_york nh nj north_carolina ny oh ohio pa pennsylvania
          rhode_island ri sc south_carolina va vermont virginia vt washington,_d.c. washington,_dc
          washington_d.c. washington_dc west_virginia wv'),
        ('America/Puerto_Rico', 'pr puerto_rico u.s._virgin_islands us_virgin_islands vi virgin_islands'),
        ('America/Whitehorse', 'yt yukon'),
        ('America/Winnipeg', 'manitoba mb'),
        ('Pacific/Guam', 'cnmi gu guam mp northern_mariana_islands'),
        ('Pacific/Honolulu', 'hawaii hi'),
        ('Pacific/Pago_Pago', 'american_samoa as')
      ) known (zone, names), regexp_split_to_table(known.names, '\s+') name
    )
  );

  -- The first three digits of a ZIP code, or all five of one that differs from its neighbours. Where the
  -- line between two zones goes through a beginning, it is not there.
  execute format(
    'create function broadcast.zip_zones() returns jsonb language sql immutable parallel safe return %L::jsonb',
    (
      select jsonb_object_agg(lpad(number::text, length(low), '0'), zone)
      from (values
        ('005', '005', 'America/New_York'), ('006', '009', 'America/Puerto_Rico'),
        ('010', '089', 'America/New_York'), ('100', '212', 'America/New_York'),
        ('214', '268', 'America/New_York'), ('270', '323', 'America/New_York'),
        ('325', '325', 'America/Chicago'), ('326', '339', 'America/New_York'),
        ('341', '342', 'America/New_York'), ('344', '344', 'America/New_York'),
        ('346', '347', 'America/New_York'), ('349', '349', 'America/New_York'),
        ('350', '352', 'America/Chicago'), ('354', '367', 'America/Chicago'),
        ('369', '372', 'America/Chicago'), ('374', '374', 'America/New_York'),
        ('375', '375', 'America/Chicago'), ('376', '379', 'America/New_York'),
        ('380', '397', 'America/Chicago'), ('398', '400', 'America/New_York'),
        ('402', '418', 'America/New_York'), ('420', '424', 'America/Chicago'),
        ('430', '459', 'America/New_York'), ('460', '462', 'America/New_York'),
        ('463', '464', 'America/Chicago'), ('466', '468', 'America/New_York'),
        ('470', '474', 'America/New_York'), ('476', '477', 'America/Chicago'),
        ('478', '478', 'America/New_York'), ('480', '497', 'America/New_York'),
        ('500', '516', 'America/Chicago'), ('520', '528', 'America/Chicago'),
        ('530', '532', 'America/Chicago'), ('534', '535', 'America/Chicago'),
        ('537', '551', 'America/Chicago'), ('553', '567', 'America/Chicago'),
        ('570', '574', 'America/Chicago'), ('577', '577', 'America/Denver'),
        ('580', '584', 'America/Chicago'), ('587', '588', 'America/Chicago'),
        ('590', '599', 'America/Denver'), ('600', '620', 'America/Chicago'),
        ('622', '631', 'America/Chicago'), ('633', '641', 'America/Chicago'),
        ('644', '658', 'America/Chicago'), ('660', '662', 'America/Chicago'),
        ('664', '676', 'America/Chicago'), ('679', '681', 'America/Chicago'),
        ('683', '689', 'America/Chicago'), ('693', '693', 'America/Denver'),
        ('700', '701', 'America/Chicago'), ('703', '708', 'America/Chicago'),
        ('710', '714', 'America/Chicago'), ('716', '731', 'America/Chicago'),
        ('733', '741', 'America/Chicago'), ('743', '770', 'America/Chicago'),
        ('772', '797', 'America/Chicago'), ('799', '799', 'America/Denver'), ('800', '816', 'America/Denver'),
        ('820', '831', 'America/Denver'), ('832', '834', 'America/Boise'), ('836', '837', 'America/Boise'),
        ('838', '838', 'America/Los_Angeles'), ('840', '847', 'America/Denver'),
        ('850', '853', 'America/Phoenix'), ('855', '857', 'America/Phoenix'),
        ('859', '859', 'America/Phoenix'), ('863', '864', 'America/Phoenix'),
        ('870', '871', 'America/Denver'), ('873', '875', 'America/Denver'), ('877', '884', 'America/Denver'),
        ('885', '885', 'America/Denver'), ('889', '891', 'America/Los_Angeles'),
        ('893', '895', 'America/Los_Angeles'), ('897', '897', 'America/Los_Angeles'),
        ('900', '908', 'America/Los_Angeles'), ('910', '928', 'America/Los_Angeles'),
        ('930', '961', 'America/Los_Angeles'), ('967', '968', 'Pacific/Honolulu'),
        ('970', '978', 'America/Los_Angeles'), ('980', '986', 'America/Los_Angeles'),
        ('988', '994', 'America/Los_Angeles'), ('995', '997', 'America/Anchorage'),
        ('998', '998', 'America/Juneau'), ('96799', '96799', 'Pacific/Pago_Pago'),
        ('99546', '99547', 'America/Adak'), ('99923', '99923', 'America/Los_Angeles')
      ) known (low, high, zone), generate_series(low::integer, high::integer) number
    )
  );
end
$$;

-- None of the functions below is strict or has a query, as the planner puts only such ones into the
-- statement.

-- A text as names are written above: without blanks around it, small letters, "_" for a blank. In the
-- collation "C", as small letters depend on the server's locale otherwise. Null for what is no text.
create function broadcast.plain(value jsonb) returns text
language sql immutable parallel safe
return case jsonb_typeof(value) when 'string' then
  replace(lower(broadcast.trimmed(value #>> '{}') collate "C"), ' ', '_') collate "default"
end;

-- A number has lost the zeros that it began with.
create function broadcast.zip_zone(value jsonb) returns text
language sql immutable parallel safe
return case jsonb_typeof(value)
  when 'string' then case
    when broadcast.trimmed(value #>> '{}') ~ '^[0-9]{5}([- ]?[0-9]{4})?$' then coalesce(
      broadcast.zip_zones() ->> left(broadcast.trimmed(value #>> '{}'), 5),
      broadcast.zip_zones() ->> left(broadcast.trimmed(value #>> '{}'), 3)
    )
  end
  when 'number' then case
    when value::numeric between 501 and 99950 and value::numeric = trunc(value::numeric) then coalesce(
      broadcast.zip_zones() ->> lpad(trunc(value::numeric)::text, 5, '0'),
      broadcast.zip_zones() ->> left(lpad(trunc(value::numeric)::text, 5, '0'), 3)
    )
  end
end;

-- What is said outright; of several keys the first that can be read.
create function broadcast.named_zone(metadata jsonb) returns text
language sql immutable parallel safe
return coalesce(
  broadcast.zone_names() ->> broadcast.plain(metadata -> 'time_zone'),
  broadcast.zone_names() ->> broadcast.plain(metadata -> 'timezone'),
  broadcast.zone_names() ->> broadcast.plain(metadata -> 'tz')
);

-- What ZIP code and state tell, of somebody in the United States or, by the province, in Canada.
create function broadcast.place_zone(metadata jsonb) returns text
language sql immutable parallel safe
return case
  when coalesce(broadcast.plain(metadata -> 'country'), '') in
    ('', 'us', 'usa', 'u.s.', 'u.s.a.', 'united_states', 'united_states_of_america')
  then coalesce(
    broadcast.zip_zone(metadata -> 'zip'),
    broadcast.zip_zone(metadata -> 'zip_code'),
    broadcast.zip_zone(metadata -> 'postal_code'),
    broadcast.state_zones() ->> broadcast.plain(metadata -> 'state')
  )
  when broadcast.plain(metadata -> 'country') in ('ca', 'can', 'canada')
  then broadcast.state_zones() ->> broadcast.plain(metadata -> 'state')
end;

-- The time zone of a person: what is said of it outright, else what the number, the ZIP code or the
-- state tells; null when that is not certain, and the account's holds. ZIP code and state are not asked
-- of somebody whose number is one of another country, where five digits are a place of their own.
-- Metadata that is no object says nothing.
create function broadcast.person_zone(metadata jsonb, phone_zone text, e164 text default null) returns text
language sql immutable parallel safe
return coalesce(
  case when metadata ?| array['time_zone', 'timezone', 'tz'] then broadcast.named_zone(metadata) end,
  phone_zone,
  case
    when (e164 is null or starts_with(e164, '+1'))
      and metadata ?| array['zip', 'zip_code', 'postal_code', 'state']
    then broadcast.place_zone(metadata)
  end
);
