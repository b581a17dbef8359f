"""Nothing comes in; what charts are about goes out: quantities with realistic magnitudes, and the categories they are split by.

A name is always a pair, English and Chinese, so that the same chart exists in both languages and is the same item in both.
"""

from dataclasses import dataclass


Pair = tuple[str, str]  # English, Chinese
LANGUAGES = ("en", "zh")


def say(pair: Pair, language: str) -> str:
    """The name of a pair in a language."""
    return pair[LANGUAGES.index(language)]


@dataclass(frozen=True)
class Kind:
    """What categories are: months, cities, products.

    Args:
        noun: "month", "月份".
        plural: "months"; Chinese has none.
        at: English phrase with the name: "in {}".
        names: All there are; empty where `subject` says which of the assets' names they are, or where they are numbers.
        subject: Of the assets' names.
        ordered: Whether they follow each other, so that there can be a trend.
        chinese: "哪一天", "每日", "多少天" where these are not made from the noun.
        measure: Chinese measure word of the noun.
    """

    noun: Pair
    plural: str
    at: str
    names: tuple[Pair, ...] = ()
    subject: str = ""
    ordered: bool = False
    chinese: tuple[str, ...] = ()
    measure: str = "个"

    def which(self) -> str:
        """Chinese for "which month"."""
        return self.chinese[0] if self.chinese else f"哪{self.measure}{self.noun[1]}"

    def each(self, language: str) -> str:
        """What a title says: "month" of "by month", "各月"."""
        return self.noun[0] if language == "en" else self.chinese[1] if self.chinese else f"各{self.noun[1]}"

    def how_many(self) -> str:
        """Chinese for "how many months"."""
        return self.chinese[2] if self.chinese else f"多少{self.measure}{self.noun[1]}"


@dataclass(frozen=True)
class Topic:
    """What is measured.

    Args:
        name: "rainfall", "降水量".
        unit: "mm", "毫米"; empty where things are counted.
        low: Least usual value.
        high: Largest usual value.
        kinds: Names of `KINDS` it may be split by.
        series: Names of `KINDS` that may make up several series.
        decimals: Of its values.
        top: Chinese adjectives of much and little: "多少", "高低", "大小".
        whole: Whether values of all categories add up to something, so that it can be a pie or a stack.
    """

    name: Pair
    unit: Pair
    low: float
    high: float
    kinds: tuple[str, ...]
    series: tuple[str, ...] = ()
    decimals: int = 0
    top: str = "高低"
    whole: bool = False


def pairs(text: str) -> tuple[Pair, ...]:
    """Read "Bus 公交, Night train 夜车" as pairs."""
    return tuple(tuple(each.rsplit(" ", 1)) for each in text.split(", "))


DAYS = ("哪一天", "每日", "多少天")
KINDS: dict[str, Kind] = {
    "month": Kind(("month", "月份"), "months", "in {}", subject="month", ordered=True, chinese=("哪个月", "各月", "多少个月")),
    "weekday": Kind(("day", "星期"), "days", "on {}", subject="weekday", ordered=True, chinese=DAYS),
    "year": Kind(("year", "年份"), "years", "in {}", ordered=True, chinese=("哪一年", "历年", "多少年")),
    "quarter": Kind(
        ("quarter", "季度"), "quarters", "in {}", pairs("Q1 一季度, Q2 二季度, Q3 三季度, Q4 四季度"), ordered=True
    ),
    "season": Kind(("season", "季节"), "seasons", "in {}", pairs("Spring 春季, Summer 夏季, Autumn 秋季, Winter 冬季")),
    "hour": Kind(
        ("time", "时刻"), "times", "at {}", tuple((f"{h}:00", f"{h}:00") for h in range(6, 23)), ordered=True
    ),
    "week": Kind(
        ("week", "周次"), "weeks", "in {}", tuple((f"Week {n}", f"第{n}周") for n in range(1, 13)), ordered=True,
        chinese=("哪一周", "每周", "多少周"),
    ),
    "age": Kind(
        ("age group", "年龄段"),
        "age groups",
        "in the age group {}",
        tuple((f"{low}–{low + 9}", f"{low}–{low + 9}岁") for low in range(0, 90, 10)),
    ),
    "city": Kind(("city", "城市"), "cities", "in {}", subject="city"),
    "country": Kind(("country", "国家"), "countries", "in {}", subject="country"),
    "food": Kind(("food", "食物"), "foods", "for {}", subject="food", measure="种"),
    "animal": Kind(("animal", "动物"), "animals", "for {}", subject="animal", measure="种"),
    "person": Kind(("person", "人员"), "people", "for {}", subject="person", chinese=("谁", "每人", "多少人")),
    "language": Kind(("language", "语言"), "languages", "for {}", subject="language", measure="种"),
    "subject": Kind(
        ("subject", "科目"),
        "subjects",
        "in {}",
        pairs("Maths 数学, English 英语, Physics 物理, Chemistry 化学, Biology 生物, History 历史, Geography 地理, Art 美术, Music 音乐"), measure="门"),
    "department": Kind(
        ("department", "部门"),
        "departments",
        "in {}",
        pairs("Sales 销售部, Finance 财务部, Design 设计部, Support 客服部, Legal 法务部, Research 研发部, Logistics 物流部, Marketing 市场部"),
    ),
    "energy": Kind(
        ("energy source", "能源"),
        "energy sources",
        "from {}",
        pairs("Coal 煤炭, Gas 天然气, Oil 石油, Wind 风能, Solar 太阳能, Hydro 水电, Nuclear 核电, Biomass 生物质"), measure="种"),
    "transport": Kind(
        ("means of transport", "交通方式"),
        "means of transport",
        "by {}",
        pairs("Bus 公交车, Train 火车, Car 汽车, Bicycle 自行车, Metro 地铁, Tram 电车, Ferry 渡轮, Taxi 出租车"), measure="种"),
    "genre": Kind(
        ("genre", "类型"),
        "genres",
        "for {}",
        pairs("Comedy 喜剧, Drama 剧情, Horror 恐怖, Fantasy 奇幻, Romance 爱情, Thriller 惊悚, Crime 犯罪, Animation 动画"), measure="种"),
    "sport": Kind(
        ("sport", "运动"),
        "sports",
        "for {}",
        pairs("Football 足球, Tennis 网球, Swimming 游泳, Running 跑步, Cycling 骑行, Hockey 曲棍球, Volleyball 排球, Chess 国际象棋"), measure="种"),
    "product": Kind(
        ("product", "产品"),
        "products",
        "for {}",
        pairs("Phones 手机, Laptops 笔记本, Tablets 平板, Cameras 相机, Printers 打印机, Headphones 耳机, Monitors 显示器, Watches 手表"), measure="种"),
    "drink": Kind(
        ("drink", "饮料"),
        "drinks",
        "for {}",
        pairs("Tea 茶, Coffee 咖啡, Juice 果汁, Milk 牛奶, Cola 可乐, Water 水, Cocoa 可可, Lemonade 柠檬水"), measure="种"),
    "expense": Kind(
        ("item", "项目"),
        "items",
        "for {}",
        pairs("Rent 房租, Groceries 食品, Travel 旅行, Clothing 服装, Health 医疗, Savings 储蓄, Utilities 水电费, Leisure 娱乐, Education 教育"),
    ),
    "store": Kind(("store", "门店"), "stores", "in {}", tuple((f"Store {c}", f"门店{c}") for c in "ABCDEFGH"), measure="家"),
    "class": Kind(
        ("class", "班级"),
        "classes",
        "in {}",
        tuple((f"Class {n}", f"{c}班") for n, c in enumerate("一二三四五六七八", 1)),
    ),
    "team": Kind(
        ("team", "队伍"), "teams", "for {}", pairs("Red team 红队, Blue team 蓝队, Green team 绿队, White team 白队, Black team 黑队"), measure="支"),
    "gender": Kind(("group", "群体"), "groups", "for {}", pairs("Women 女性, Men 男性")),
    "channel": Kind(("channel", "渠道"), "channels", "for {}", pairs("Online 线上, In store 线下, By phone 电话, Resellers 经销商")),
    "rating": Kind(
        ("rating", "评分"), "ratings", "for {}", tuple((f"{n} star{'s' * (n > 1)}", f"{n}星") for n in range(1, 6))
    ),
    "device": Kind(("device", "设备"), "devices", "from {}", pairs("Mobile 手机端, Desktop 电脑端, Tablet 平板端, TV 电视端"), measure="种"),
    "crop": Kind(("crop", "作物"), "crops", "for {}", pairs("Wheat 小麦, Maize 玉米, Rice 水稻, Barley 大麦, Potatoes 土豆, Soybeans 大豆, Cotton 棉花"), measure="种"),
    "waste": Kind(("material", "材料"), "materials", "for {}", pairs("Paper 纸张, Glass 玻璃, Plastic 塑料, Metal 金属, Textiles 纺织品, Wood 木材"), measure="种"),
}  # fmt: skip

NO_UNIT = ("", "")
PERCENT = ("%", "%")
TOPICS: tuple[Topic, ...] = (
    Topic(("rainfall", "降水量"), ("mm", "毫米"), 5, 320, ("month", "city", "season"), ("city", "year"), 0, "多少"),
    Topic(("snow depth", "积雪深度"), ("cm", "厘米"), 2, 140, ("month", "week"), ("city", "year"), 0, "大小"),
    Topic(("average temperature", "平均气温"), ("°C", "°C"), -12, 36, ("month", "city", "hour"), ("city", "year")),
    Topic(("sunshine", "日照时数"), ("hours", "小时"), 40, 340, ("month", "city", "season"), ("city", "year"), 0, "多少"),
    Topic(("wind speed", "风速"), ("km/h", "公里/小时"), 3, 75, ("hour", "weekday", "city"), ("city",), 0, "大小"),
    Topic(("humidity", "湿度"), PERCENT, 25, 95, ("hour", "month", "city"), ("city",)),
    Topic(("population", "人口"), ("thousand", "千人"), 80, 950, ("year", "age", "city"), ("gender", "city"), 0, "多少", True),
    Topic(("turnover", "销售额"), ("thousand euros", "千欧元"), 10, 480, ("month", "product", "store", "quarter"), ("year", "store", "channel"), 0, "高低", True),
    Topic(("revenue", "营业收入"), ("million dollars", "百万美元"), 1, 96, ("year", "quarter", "country"), ("department", "channel"), 1, "高低", True),
    Topic(("profit", "利润"), ("thousand dollars", "千美元"), -90, 260, ("month", "quarter", "year", "store"), ("store",)),
    Topic(("number of units sold", "销量"), NO_UNIT, 20, 980, ("product", "month", "weekday", "drink"), ("store", "year"), 0, "多少", True),
    Topic(("number of customers", "顾客人数"), NO_UNIT, 15, 900, ("weekday", "hour", "store", "month"), ("store", "gender"), 0, "多少", True),
    Topic(("exam score", "考试成绩"), ("points", "分"), 45, 100, ("subject", "person", "class"), ("person", "class", "year")),
    Topic(("number of students", "学生人数"), NO_UNIT, 12, 240, ("class", "subject", "sport", "year"), ("gender",), 0, "多少", True),
    Topic(("number of books read", "读书数量"), NO_UNIT, 1, 40, ("person", "month", "class"), ("year", "gender"), 0, "多少", True),
    Topic(("price", "价格"), ("euros", "欧元"), 0.5, 30, ("food", "year", "drink"), ("city", "year"), 1),
    Topic(("petrol price", "汽油价格"), ("cents per litre", "分/升"), 95, 220, ("month", "country", "year"), ("country",)),
    Topic(("monthly rent", "月租金"), ("euros", "欧元"), 300, 2400, ("city", "year"), ("year",)),
    Topic(("electricity generation", "发电量"), ("TWh", "太瓦时"), 2, 320, ("energy", "year", "country"), ("energy", "country"), 0, "多少", True),
    Topic(("electricity use", "用电量"), ("kWh", "千瓦时"), 60, 620, ("month", "weekday", "season"), ("year",), 0, "多少", True),
    Topic(("water use", "用水量"), ("litres", "升"), 30, 420, ("weekday", "month", "person"), ("year",), 0, "多少", True),
    Topic(("CO2 output", "二氧化碳排放量"), ("million tonnes", "百万吨"), 10, 780, ("country", "year", "transport"), ("country",), 0, "多少", True),
    Topic(("harvest", "收成"), ("thousand tonnes", "千吨"), 5, 640, ("crop", "year", "country"), ("crop", "year"), 0, "多少", True),
    Topic(("recycled waste", "回收垃圾"), ("tonnes", "吨"), 4, 260, ("waste", "year", "city"), ("waste", "city"), 0, "多少", True),
    Topic(("number of visitors", "游客数量"), ("thousand", "千人"), 3, 870, ("month", "country", "city", "season"), ("year",), 0, "多少", True),
    Topic(("number of passengers", "乘客数量"), ("thousand", "千人"), 5, 640, ("transport", "weekday", "hour", "year"), ("transport", "city"), 0, "多少", True),
    Topic(("number of website visits", "网站访问量"), ("thousand", "千次"), 2, 480, ("month", "weekday", "device", "hour"), ("device", "year"), 0, "多少", True),
    Topic(("number of downloads", "下载量"), ("thousand", "千次"), 1, 350, ("month", "week", "country"), ("device",), 0, "多少", True),
    Topic(("number of reviews", "评价数量"), NO_UNIT, 3, 640, ("rating", "product"), ("product", "year"), 0, "多少", True),
    Topic(("average rating", "平均评分"), ("stars", "星"), 1.4, 5, ("product", "store", "genre"), ("year",), 1),
    Topic(("number of employees", "员工人数"), NO_UNIT, 4, 320, ("department", "country", "year"), ("gender", "year"), 0, "多少", True),
    Topic(("salary", "薪资"), ("thousand euros", "千欧元"), 22, 98, ("department", "country", "year"), ("gender",)),
    Topic(("unemployment rate", "失业率"), PERCENT, 2, 19, ("country", "year", "city"), ("country", "gender"), 1),
    Topic(("inflation rate", "通货膨胀率"), PERCENT, -1, 14, ("year", "country", "month"), ("country",), 1),
    Topic(("number of films released", "上映影片数量"), NO_UNIT, 3, 90, ("genre", "year", "country"), ("country", "year"), 0, "多少", True),
    Topic(("number of tickets sold", "售票数量"), NO_UNIT, 30, 960, ("genre", "weekday", "sport"), ("channel",), 0, "多少", True),
    Topic(("number of members", "会员人数"), NO_UNIT, 10, 480, ("sport", "age", "year"), ("gender",), 0, "多少", True),
    Topic(("step count", "步数"), ("thousand", "千步"), 2, 19, ("weekday", "person", "month"), ("person",), 1, "多少", True),
    Topic(("sleep", "睡眠时间"), ("hours", "小时"), 4.5, 10, ("weekday", "person", "age"), ("person",), 1, "多少"),
    Topic(("heart rate", "心率"), ("bpm", "次/分"), 52, 168, ("hour", "person"), ("person",)),
    Topic(("monthly spending", "每月支出"), ("euros", "欧元"), 30, 960, ("expense", "person", "month"), ("person", "year"), 0, "多少", True),
    Topic(("body weight", "体重"), ("kg", "千克"), 42, 98, ("person",), (), 0, "大小"),
    Topic(("number of animals adopted", "领养动物数量"), NO_UNIT, 2, 120, ("animal", "month"), ("year",), 0, "多少", True),
    Topic(("number of learners", "学习人数"), ("thousand", "千人"), 3, 420, ("language", "year"), ("gender", "year"), 0, "多少", True),
    Topic(("score", "积分"), NO_UNIT, 4, 98, ("team", "person", "week"), ("team",), 0, "高低", True),
    Topic(("response time", "响应时间"), ("ms", "毫秒"), 12, 940, ("hour", "device", "week"), ("device",), 0, "大小"),
    Topic(("battery level", "电池电量"), PERCENT, 8, 100, ("hour", "device"), ("device",)),
    Topic(("number of calls answered", "接听电话数量"), NO_UNIT, 6, 240, ("weekday", "hour", "department"), ("person",), 0, "多少", True),
    Topic(("energy content", "热量"), ("kcal", "千卡"), 30, 620, ("food", "drink", "weekday"), (), 0, "高低"),
)  # fmt: skip

# What stands at the source of the data.
SOURCES: tuple[Pair, ...] = (
    ("National Statistics Office", "国家统计局"),
    ("City Council", "市政府"),
    ("Annual Report", "年度报告"),
    ("Weather Service", "气象局"),
    ("Market Survey", "市场调查"),
    ("Household Survey", "住户调查"),
    ("Public Library", "公共图书馆"),
    ("Open Data Portal", "开放数据平台"),
    ("Chamber of Commerce", "商会"),
    ("University Research Group", "大学课题组"),
    ("Company Accounts", "公司账目"),
    ("Online Poll", "网络问卷"),
)
# What may be plotted against each other: x, its unit, least, most; y likewise; 1 where both usually rise together, else -1.
AGAINST: tuple[tuple[Pair, Pair, int, int, Pair, Pair, int, int, int], ...] = (
    (("height", "身高"), ("cm", "厘米"), 140, 200, ("body weight", "体重"), ("kg", "千克"), 40, 110, 1),
    (("study time", "学习时间"), ("hours", "小时"), 0, 20, ("exam score", "考试成绩"), ("points", "分"), 30, 100, 1),
    (("age of the car", "车龄"), ("years", "年"), 0, 20, ("price", "价格"), ("thousand euros", "千欧元"), 0, 40, -1),
    (("temperature", "气温"), ("°C", "°C"), 0, 40, ("number of ice creams sold", "冰淇淋销量"), NO_UNIT, 0, 300, 1),
    (("floor area", "面积"), ("m²", "平方米"), 20, 160, ("rent", "租金"), ("euros", "欧元"), 200, 2200, 1),
    (("distance", "距离"), ("km", "公里"), 0, 100, ("delivery time", "送货时间"), ("hours", "小时"), 0, 50, 1),
    (("advertising", "广告费"), ("thousand euros", "千欧元"), 0, 60, ("turnover", "销售额"), ("thousand euros", "千欧元"), 0, 500, 1),
    (("speed", "速度"), ("km/h", "公里/小时"), 20, 140, ("fuel use", "油耗"), ("litres", "升"), 2, 16, 1),
    (("sleep", "睡眠时间"), ("hours", "小时"), 3, 11, ("reaction time", "反应时间"), ("ms", "毫秒"), 150, 500, -1),
    (("altitude", "海拔"), ("m", "米"), 0, 4000, ("temperature", "气温"), ("°C", "°C"), -10, 35, -1),
)  # fmt: skip
COMPANIES: tuple[Pair, ...] = (
    ("Northwind", "北风科技"),
    ("Bluestone", "青石矿业"),
    ("Lakeside Foods", "湖畔食品"),
    ("Orbit Motors", "轨道汽车"),
    ("Greenleaf", "绿叶农业"),
    ("Silver Bank", "银川商行"),
    ("Harbour Lines", "港湾航运"),
    ("Copper Peak", "铜峰电力"),
    ("Cloudmill", "云坊软件"),
    ("Redwood Paper", "红杉纸业"),
)
