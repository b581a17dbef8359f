"""Which names of a subject are good in English and in Chinese alike: keys into the Unicode Consortium's tables, and own tables."""

COUNTRIES = (
    "AF AL DZ AD AO AG AR AM AU AT AZ BS BH BD BB BY BE BZ BJ BT BO BA BW BR BN BG BF BI CV KH CM CA CF TD CL CN "
    "CO KM CR HR CU CY CZ DK DJ DM DO EC EG SV GQ ER EE SZ ET FJ FI FR GA GM GE DE GH GR GD GT GN GW GY HT HN HU "
    "IS IN ID IR IQ IE IL IT CI JM JP JO KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MG MW MY MV ML MT MH MR "
    "MU MX FM MD MC MN ME MA MZ MM NA NR NP NL NZ NI NE NG MK NO OM PK PW PA PG PY PE PH PL PT QA RO RU RW KN LC "
    "VC WS SM SA SN RS SC SL SG SK SI SB SO ZA SS ES LK SD SR SE CH SY TJ TZ TH TL TG TO TT TN TR TM TV UG UA AE "
    "GB US UY UZ VU VE VN YE ZM ZW"
)
LANGUAGES = (
    "af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu ha he hi hr hu hy id ig is it ja "
    "jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms mt my ne nl no pa pl ps pt ro ru sa sd si sk sl so sq "
    "sr sv sw ta te tg th tk tr uk ur uz vi xh yi yo zh zu"
)
CURRENCIES = (
    "USD EUR GBP JPY CNY INR AUD CAD CHF SEK NOK DKK PLN CZK HUF RON BGN RUB UAH TRY AED SAR EGP ZAR KES NGN GHS "
    "ETB MAD TND BRL ARS CLP COP PEN MXN KRW THB VND IDR MYR SGD PHP NZD PKR BDT LKR NPR KZT GEL QAR KWD JOD MNT"
)
UNITS = (
    "length-kilometer length-meter length-decimeter length-centimeter length-millimeter length-micrometer "
    "length-nanometer length-mile length-yard length-foot length-inch length-light-year length-nautical-mile "
    "area-square-kilometer area-hectare area-square-meter area-square-centimeter area-square-mile area-acre "
    "area-square-foot volume-cubic-meter volume-cubic-centimeter volume-liter volume-milliliter volume-gallon "
    "volume-pint volume-cup volume-tablespoon volume-teaspoon volume-barrel volume-drop mass-ton mass-kilogram "
    "mass-gram mass-milligram mass-pound mass-ounce duration-century duration-year duration-month duration-week "
    "duration-day duration-hour duration-minute duration-second duration-millisecond temperature-celsius "
    "temperature-fahrenheit angle-degree electric-ampere electric-volt electric-ohm energy-calorie energy-joule "
    "energy-kilojoule energy-kilowatt-hour power-watt power-kilowatt power-horsepower frequency-hertz "
    "frequency-kilohertz frequency-megahertz pressure-pascal speed-knot digital-byte graphics-pixel force-newton"
)
CITIES = (
    "Europe/Vienna Europe/Sarajevo Europe/Brussels Europe/Sofia Europe/Minsk Europe/Zurich Europe/Prague "
    "Europe/Berlin Europe/Copenhagen Europe/Tallinn Europe/Madrid Europe/Helsinki Europe/Paris Europe/London "
    "Europe/Athens Europe/Zagreb Europe/Budapest Europe/Dublin Europe/Rome Europe/Vilnius Europe/Riga "
    "Europe/Amsterdam Europe/Oslo Europe/Warsaw Europe/Lisbon Europe/Bucharest Europe/Belgrade Europe/Moscow "
    "Europe/Stockholm Europe/Ljubljana Europe/Bratislava Europe/Istanbul Asia/Dubai Asia/Kabul Asia/Baku "
    "Asia/Dhaka Asia/Shanghai Asia/Hong_Kong Asia/Jakarta Asia/Baghdad Asia/Tehran Asia/Amman Asia/Tokyo "
    "Asia/Phnom_Penh Asia/Pyongyang Asia/Seoul Asia/Almaty Asia/Vientiane Asia/Beirut Asia/Colombo "
    "Asia/Ulaanbaatar Asia/Macau Asia/Kuala_Lumpur Asia/Manila Asia/Karachi Asia/Novosibirsk Asia/Irkutsk "
    "Asia/Riyadh Asia/Singapore Asia/Damascus Asia/Bangkok Asia/Taipei Asia/Tashkent Africa/Luanda Africa/Abidjan "
    "Africa/Algiers Africa/Cairo Africa/Addis_Ababa Africa/Accra Africa/Nairobi Africa/Tripoli Africa/Casablanca "
    "Africa/Lagos Africa/Kigali Africa/Khartoum Africa/Dakar Africa/Tunis Africa/Kampala Africa/Johannesburg "
    "Africa/Lusaka Africa/Harare America/La_Paz America/Manaus America/Recife America/Vancouver America/Edmonton "
    "America/Winnipeg America/Toronto America/Halifax America/Santiago America/Havana America/Monterrey "
    "America/Mexico_City America/Lima America/Anchorage America/Los_Angeles America/Phoenix America/Denver "
    "America/Chicago America/Detroit America/New_York America/Montevideo America/Caracas Australia/Perth "
    "Australia/Darwin Australia/Adelaide Australia/Melbourne Australia/Hobart Australia/Sydney Australia/Brisbane "
    "Pacific/Honolulu Pacific/Auckland"
)
MORE_CITIES = {
    "Beijing": "北京", "Guangzhou": "广州", "Shenzhen": "深圳", "Chengdu": "成都", "Hangzhou": "杭州",
    "Wuhan": "武汉", "Nanjing": "南京", "Tianjin": "天津", "Chongqing": "重庆", "Suzhou": "苏州",
    "Qingdao": "青岛", "Kunming": "昆明", "Harbin": "哈尔滨", "Dalian": "大连", "Xiamen": "厦门",
    "Osaka": "大阪", "Kyoto": "京都", "Mumbai": "孟买", "New Delhi": "新德里", "Barcelona": "巴塞罗那",
    "Milan": "米兰", "Munich": "慕尼黑", "Hamburg": "汉堡", "Venice": "威尼斯", "Marseille": "马赛",
    "Manchester": "曼彻斯特", "Edinburgh": "爱丁堡", "Geneva": "日内瓦", "Boston": "波士顿",
    "San Francisco": "旧金山", "Seattle": "西雅图", "Montreal": "蒙特利尔", "Hanoi": "河内",
    "Rio de Janeiro": "里约热内卢",
}  # fmt: skip
# Labels of emoji; those that a zoo or a menu would not use are left out.
ANIMALS = (
    "monkey, gorilla, orangutan, dog, poodle, wolf, fox, raccoon, cat, lion, tiger, leopard, horse, moose, "
    "donkey, zebra, deer, cow, water buffalo, pig, boar, goat, camel, giraffe, elephant, mammoth, rhinoceros, "
    "hippopotamus, mouse, hamster, rabbit, chipmunk, beaver, hedgehog, bat, bear, polar bear, koala, panda, "
    "sloth, otter, skunk, kangaroo, badger, turkey, chicken, rooster, bird, penguin, dove, eagle, duck, swan, "
    "owl, flamingo, peacock, parrot, goose, frog, crocodile, turtle, lizard, snake, whale, dolphin, orca, seal, "
    "fish, shark, octopus, jellyfish, crab, lobster, shrimp, squid, oyster, snail, butterfly, ant, honeybee, "
    "beetle, cricket, cockroach, spider, scorpion, mosquito, fly"
)
FOODS = (
    "grapes, melon, watermelon, tangerine, lemon, banana, pineapple, mango, pear, peach, cherries, strawberry, "
    "blueberries, kiwi fruit, tomato, olive, coconut, avocado, eggplant, potato, carrot, cucumber, bell pepper, "
    "broccoli, garlic, onion, peanuts, chestnut, mushroom, bread, croissant, bagel, pancakes, waffle, cheese "
    "wedge, bacon, hamburger, french fries, pizza, hot dog, sandwich, egg, popcorn, butter, salt, rice ball, "
    "cooked rice, spaghetti, sushi, moon cake, dumpling, ice cream, doughnut, cookie, birthday cake, pie, "
    "chocolate bar, candy, lollipop, honey pot, glass of milk, bubble tea, beer mug, wine glass, sake, curry rice"
)
# What reads better than the label or the table's entry.
BETTER = {
    "en": {
        "TR": "Turkey", "CI": "Ivory Coast", "MM": "Myanmar", "bn": "Bengali", "cheese wedge": "cheese",
        "cooked rice": "rice", "cherries": "cherry", "blueberries": "blueberry", "kiwi fruit": "kiwi",
        "peanuts": "peanut", "pancakes": "pancake", "moon cake": "mooncake", "chocolate bar": "chocolate",
        "honey pot": "honey", "glass of milk": "milk", "beer mug": "beer", "wine glass": "wine",
        "curry rice": "curry", "honeybee": "bee", "melon": "cantaloupe", "sake": "rice wine",
    },
    "zh": {
        "duration-century": "世纪", "duration-month": "月", "duration-second": "秒", "cow": "奶牛",
        "dove": "鸽子", "crab": "螃蟹", "turtle": "乌龟", "peach": "桃子", "garlic": "大蒜",
        "onion": "洋葱", "pancakes": "煎饼", "cheese wedge": "奶酪", "egg": "鸡蛋", "mushroom": "蘑菇",
        "bagel": "贝果", "pie": "馅饼", "candy": "糖果", "honey pot": "蜂蜜", "glass of milk": "牛奶",
        "bell pepper": "甜椒", "spaghetti": "意大利面", "sake": "米酒", "curry rice": "咖喱",
        "wine glass": "葡萄酒", "beer mug": "啤酒", "shrimp": "虾", "moose": "驼鹿", "AE": "阿联酋",
        "mouse": "老鼠", "chipmunk": "花栗鼠", "potato": "土豆", "bat": "蝙蝠", "whale": "鲸鱼",
        "angle-degree": "度", "leopard": "豹子", "croissant": "牛角面包", "tangerine": "橘子",
        "eagle": "老鹰", "skunk": "臭鼬", "melon": "哈密瓜",
    },
}  # fmt: skip
GIVEN = {
    "en": (
        "Emma Liam Olivia Noah Sophie Lucas Hannah Oliver Grace Henry Alice Samuel Clara Daniel Julia Thomas Laura "
        "Peter Nora Simon Helen Martin Ruth Edward Maria David Anna Robert Lucy Paul Ella George Rosa Frank Irene "
        "Victor Diana Oscar Eva Leon Amelia Hugo Naomi Felix Isabel Adam Sarah Philip Ingrid Marcus Teresa Walter "
        "Joan Ivan Carmen Arthur Elena Ralph Miriam Colin"
    ),
    "zh": (
        "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀英 霞 平 刚 桂英 建国 玉兰 文静 志强 雪梅 海燕 晓东 小红 子涵 雨欣 浩然 梓萱 思远 佳怡 宇航 诗雨 俊杰 梦洁 天宇 欣妍 嘉豪 "
        "雅婷 立新 春梅 国强 淑珍 家辉 美玲 振华 秋菊 永康 冬梅 文博 若兰 少华 佩珊 一鸣 安琪"
    ),
}
FAMILY = {
    "en": (
        "Baker Carter Dawson Ellis Foster Graham Hughes Irwin Jensen Keller Lambert Mason Norris Osborne Palmer Quinn "
        "Rossi Sutton Turner Vargas Walsh Young Bennett Collins Dixon Fletcher Garcia Harper Ingram Kowalski Larsen "
        "Moreno Novak Okafor Patel Reyes Silva Tanaka Weber Bishop Chandler Doyle Fischer Griffin Hansen Jordan Khan "
        "Lindgren Meyer Nolan Olsen Parker Reed Schmidt Thornton Underwood Vogel Watkins York Zimmer"
    ),
    "zh": (
        "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 "
        "夏 钟 汪 田 任 姜"
    ),
}
