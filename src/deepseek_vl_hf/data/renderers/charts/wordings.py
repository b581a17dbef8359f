"""Nothing comes in; the wordings of all questions about charts go out.

{what} is a value with its place: "rainfall in May", "5月的降水量". {of} says of which series: " in London", "就伦敦而言，".
"""

from collections.abc import Mapping, Sequence


Wordings = Mapping[str, Sequence[str]]

LOOKUP: Wordings = {
    "en": (
        "What is the {what}?",
        "What is the {what} according to the chart?",
        "What does the chart give as the {what}?",
        "Read off the {what}.",
        "Find the {what}.",
        "Tell me the {what}.",
    ),
    "zh": ("{what}是多少？", "图中{what}是多少？", "根据图表，{what}为多少？", "请读出{what}。", "请问{what}是多少？"),
}
MOST: Wordings = {
    "en": (
        "Which {noun} has the highest {quantity}{of}?",
        "Which {noun} shows the highest {quantity}{of}?",
        "For which {noun} is the {quantity}{of} largest?",
        "Name the {noun} with the highest {quantity}{of}.",
        "Where does the {quantity}{of} peak? Name the {noun}.",
    ),
    "zh": (
        "{of}{which}的{quantity}最{high}？",
        "{of}{quantity}最{high}的是{which}？",
        "图中{of}{which}的{quantity}最{high}？",
        "{of}{quantity}在{which}达到最大值？",
    ),
}
LEAST: Wordings = {
    "en": (
        "Which {noun} has the lowest {quantity}{of}?",
        "Which {noun} shows the lowest {quantity}{of}?",
        "For which {noun} is the {quantity}{of} smallest?",
        "Name the {noun} with the lowest {quantity}{of}.",
    ),
    "zh": (
        "{of}{which}的{quantity}最{low}？",
        "{of}{quantity}最{low}的是{which}？",
        "图中{of}{which}的{quantity}最{low}？",
        "{of}{quantity}的最小值出现在{which}？",
    ),
}
SECOND: Wordings = {
    "en": (
        "Which {noun} has the second highest {quantity}{of}?",
        "Name the {noun} that comes second in {quantity}{of}.",
        "Which {noun} ranks second by {quantity}{of}?",
        "By {quantity}{of}, which {noun} is in second place?",
    ),
    "zh": (
        "{of}{which}的{quantity}排第二？",
        "{of}{quantity}第二{high}的是{which}？",
        "{of}按{quantity}从{high}到{low}排，第二位是{which}？",
        "{of}{quantity}仅次于最{high}的是{which}？",
    ),
}
LARGEST: Wordings = {
    "en": (
        "What is the highest {quantity}{of}?",
        "What is the largest value of the {quantity}{of}?",
        "How high does the {quantity}{of} get?",
        "Give the highest {quantity}{of} in the chart.",
    ),
    "zh": (
        "{of}{quantity}的最大值是多少？",
        "{of}最{high}的{quantity}是多少？",
        "图中{of}{quantity}最{high}是多少？",
        "{of}{quantity}最{high}达到多少？",
    ),
}
SMALLEST: Wordings = {
    "en": (
        "What is the lowest {quantity}{of}?",
        "What is the smallest value of the {quantity}{of}?",
        "How low does the {quantity}{of} get?",
        "Give the lowest {quantity}{of} in the chart.",
    ),
    "zh": (
        "{of}{quantity}的最小值是多少？",
        "{of}最{low}的{quantity}是多少？",
        "图中{of}{quantity}最{low}是多少？",
        "{of}{quantity}最{low}到多少？",
    ),
}
COMPARE: Wordings = {
    "en": (
        "Which has the higher {quantity}{of}, {one} or {other}?",
        "Is the {quantity}{of} higher for {one} or for {other}?",
        "{one} or {other}: which has the higher {quantity}{of}?",
        "Compare {one} and {other}: which has the larger {quantity}{of}?",
    ),
    "zh": (
        "{of}{one}和{other}，哪个的{quantity}更{high}？",
        "{of}{one}与{other}相比，哪个的{quantity}更{high}？",
        "{of}{quantity}更{high}的是{one}还是{other}？",
        "{of}{one}和{other}中，{quantity}较{high}的是哪个？",
    ),
}
COMPARE_SERIES: Wordings = {
    "en": (
        "{at}, which has the higher {quantity}, {one} or {other}?",
        "{at}, is the {quantity} higher for {one} or for {other}?",
        "Which is higher {at_inside}, {one} or {other}?",
        "{one} or {other}: which has the higher {quantity} {at_inside}?",
    ),
    "zh": (
        "就{label}而言，{one}和{other}哪个的{quantity}更{high}？",
        "{label}：{one}与{other}相比，哪个的{quantity}更{high}？",
        "在{label}这一项，{quantity}更{high}的是{one}还是{other}？",
        "{label}，{one}和{other}中{quantity}较{high}的是哪个？",
    ),
}
HIGHER: Wordings = {
    "en": (
        "Is the {first} higher than the {second}?",
        "Is it true that the {first} is higher than the {second}?",
        "Does the chart put the {first} above the {second}?",
        "Yes or no: the {first} is above the {second}.",
    ),
    "zh": (
        "{first}比{second}{high}吗？",
        "{first}是否{high}于{second}？",
        "图中{first}比{second}{high}，对吗？",
        "请回答是或否：{first}是否{high}于{second}？",
    ),
}
SURELY: Wordings = {
    "en": (
        "The {quantity}{of} is highest for {label}, isn't it?",
        "Surely {label} has the highest {quantity}{of}?",
        "I see that {label} leads in {quantity}{of}, right?",
        "{label} has the highest {quantity}{of}, correct?",
    ),
    "zh": (
        "{of}{label}的{quantity}最{high}，对吧？",
        "{of}{quantity}最{high}的肯定是{label}吧？",
        "我看{of}{label}的{quantity}排第一，没错吧？",
        "{of}{label}的{quantity}应该是最{high}的吧？",
    ),
}
DIFFERENCE: Wordings = {
    "en": (
        "What is the difference between the {first} and the {second}?",
        "By how much do the {first} and the {second} differ?",
        "How far apart are the {first} and the {second}?",
        "Compute the difference between the {first} and the {second}.",
    ),
    "zh": (
        "{first}与{second}相差多少？",
        "{first}和{second}的差是多少？",
        "{first}和{second}差了多少？",
        "请计算{first}与{second}之差。",
    ),
}
SUM: Wordings = {
    "en": (
        "What do the {first} and the {second} add up to?",
        "What is the sum of the {first} and the {second}?",
        "Add the {first} and the {second}.",
        "How much are the {first} and the {second} together?",
    ),
    "zh": (
        "{first}与{second}之和是多少？",
        "{first}和{second}加起来是多少？",
        "{first}和{second}合计多少？",
        "请把{first}与{second}相加。",
    ),
}
TOTAL: Wordings = {
    "en": (
        "What is the total {quantity}{of}?",
        "What do all values{of} add up to?",
        "Add up the {quantity}{of} over all {plural}.",
        "How much is the {quantity}{of} over all {plural} together?",
    ),
    "zh": (
        "{of}{quantity}总共是多少？",
        "{of}所有{quantity}加起来是多少？",
        "{of}{quantity}的总和是多少？",
        "{of}{quantity}合计多少？",
    ),
}
ABOVE: Wordings = {
    "en": (
        "For how many {plural} is the {quantity}{of} above {limit}?",
        "How many {plural} are above {limit} in {quantity}{of}?",
        "Count the {plural} whose {quantity}{of} is higher than {limit}.",
        "How many {plural} exceed {limit}{of}?",
    ),
    "zh": (
        "{of}{how_many}的{quantity}超过{limit}？",
        "{of}有{how_many}的{quantity}大于{limit}？",
        "{of}{quantity}在{limit}以上（不含）的有{how_many}？",
        "{of}数一数：{how_many}的{quantity}高于{limit}？",
    ),
}
WHICH_HAS: Wordings = {
    "en": (
        "For which {noun} does the {quantity}{of} equal {value}?",
        "For which {noun} is the {quantity}{of} {value}?",
        "Which {noun} has the value {value}{of}?",
        "Name the {noun} whose {quantity}{of} is {value}.",
    ),
    "zh": (
        "{of}{which}的{quantity}是{value}？",
        "{of}{quantity}为{value}的是{which}？",
        "{of}{which}对应{value}？",
        "{of}找出{quantity}等于{value}的一项，是{which}？",
    ),
}
COUNT_LABELS: Wordings = {
    "en": (
        "How many {plural} does the chart show?",
        "How many {plural} are there in the chart?",
        "Count the {plural}.",
        "The chart has values for how many {plural}?",
    ),
    "zh": (
        "图中有{how_many}？",
        "图表显示了{how_many}的数据？",
        "这张图一共有{how_many}？",
        "数一数图中有{how_many}。",
    ),
}
COUNT_MARKS: Wordings = {
    "en": (
        "How many {marks} are there?",
        "How many {marks} does the chart have?",
        "Count the {marks}.",
        "What is the number of {marks} in this chart?",
    ),
    "zh": ("图中有几{marks}？", "这张图一共有多少{marks}？", "数一数，有几{marks}？", "请问图里有多少{marks}？"),
}
TREND: Wordings = {
    "en": (
        "How does the {quantity}{of} develop?",
        "What is the trend of the {quantity}{of}?",
        "Does the {quantity}{of} rise or fall?",
        "Describe the course of the {quantity}{of}.",
        "How does the {quantity}{of} change over the {plural}?",
    ),
    "zh": (
        "{of}{quantity}怎样变化？",
        "{of}{quantity}的趋势如何？",
        "{of}{quantity}是上升还是下降？",
        "请描述{of}{quantity}的走势。",
        "{of}{quantity}随时间如何变化？",
    ),
}
TITLE: Wordings = {
    "en": (
        "What is the title of the chart?",
        "Read the title.",
        "What does the title say?",
        "Which title does this chart have?",
        "What is the chart called?",
    ),
    "zh": ("图表的标题是什么？", "读出标题。", "标题写的是什么？", "这张图的标题是什么？", "这张图叫什么？"),
}
X_TITLE: Wordings = {
    "en": (
        "What is the label of the horizontal axis?",
        "What is written below the x axis?",
        "How is the x axis labelled?",
        "Read the title of the x axis.",
    ),
    "zh": ("横轴的标题是什么？", "横轴下方写着什么？", "x轴表示什么？", "读出横轴标题。"),
}
Y_TITLE: Wordings = {
    "en": (
        "What is the label of the vertical axis?",
        "What is written beside the y axis?",
        "How is the y axis labelled?",
        "Read the title of the y axis.",
    ),
    "zh": ("纵轴的标题是什么？", "纵轴旁边写着什么？", "y轴表示什么？", "读出纵轴标题。"),
}
LEGEND: Wordings = {
    "en": (
        "What does the legend list?",
        "Which entries does the legend have?",
        "Read the legend.",
        "Name all entries of the legend.",
    ),
    "zh": ("图例里有哪些项？", "读出图例。", "图例写了什么？", "列出图例中的所有名称。"),
}
SOURCE: Wordings = {
    "en": (
        "Which source does the chart name?",
        "Where do the data come from?",
        "What is given as the source?",
        "Who is the source of the data?",
    ),
    "zh": ("图中注明的数据来源是什么？", "数据来自哪里？", "这张图的数据来源是哪里？", "图表的出处是什么？"),
}
LIST_LABELS: Wordings = {
    "en": (
        "Which {plural} does the chart show?",
        "List the {plural}.",
        "Name all {plural} in the chart.",
        "For which {plural} are there values?",
    ),
    "zh": ("图中列出了哪些{noun}？", "列出图中所有的{noun}。", "图上的{noun}有哪些？", "读出图中的各个{noun}。"),
}
SHAPE: Wordings = {
    "en": (
        "What type of chart is this?",
        "What kind of chart is it?",
        "Which type of diagram do you see?",
        "Name the type of chart.",
        "How are the data drawn here?",
    ),
    "zh": (
        "这是什么类型的图表？",
        "这是哪种图？",
        "图表的类型是什么？",
        "数据是用什么图表示的？",
        "说出这种图的名称。",
    ),
}
ABOUT: Wordings = {
    "en": (
        "What is this chart about?",
        "What does the chart show?",
        "Say in a few words what is plotted here.",
        "Describe the chart in a sentence.",
        "Summarise the chart.",
    ),
    "zh": ("这张图讲的是什么？", "图表显示了什么？", "用一句话描述这张图。", "请概括这张图。", "这张图说明了什么？"),
}
TABLES: dict[str, Wordings] = {
    "markdown": {
        "en": (
            "Turn the chart into a Markdown table.",
            "Write the data of the chart as a Markdown table.",
            "Give the values as a table in Markdown.",
            "Transcribe the chart as a Markdown table.",
        ),
        "zh": (
            "把图表转换成Markdown表格。",
            "用Markdown表格写出图中的数据。",
            "请以Markdown表格给出各项数值。",
            "将图中数据整理为Markdown表格。",
        ),
    },
    "csv": {
        "en": (
            "Turn the chart into CSV.",
            "Write the data of the chart as CSV.",
            "Give the values as comma-separated values.",
            "Transcribe the chart as CSV with a header.",
        ),
        "zh": (
            "把图表转换成CSV。",
            "用CSV格式写出图中的数据。",
            "请以逗号分隔的形式给出数值。",
            "将图中数据整理为带表头的CSV。",
        ),
    },
    "json": {
        "en": (
            "Turn the chart into JSON.",
            "Write the data of the chart as JSON.",
            "Give the values as a JSON object.",
            "Transcribe the chart as JSON.",
        ),
        "zh": ("把图表转换成JSON。", "用JSON写出图中的数据。", "请以JSON对象给出各项数值。", "将图中数据整理为JSON。"),
    },
}
CODE: dict[str, Wordings] = {
    "matplotlib": {
        "en": (
            "Write the matplotlib code of this chart.",
            "Write Python code that draws this chart.",
            "Give a matplotlib script that reproduces the picture.",
            "How is this chart drawn with matplotlib? Give the script.",
        ),
        "zh": (
            "写出这张图的matplotlib代码。",
            "写一段Python代码画出这张图。",
            "给出能重现该图的matplotlib脚本。",
            "怎样用matplotlib画出这张图？请给出脚本。",
        ),
    },
    "vega": {
        "en": (
            "Write the Vega-Lite specification of this chart.",
            "Give the Vega-Lite JSON that draws this chart.",
            "Turn the chart into a Vega-Lite spec.",
            "How is this chart described in Vega-Lite? Give the JSON.",
        ),
        "zh": (
            "写出这张图的Vega-Lite规范。",
            "给出画出这张图的Vega-Lite JSON。",
            "把这张图转换成Vega-Lite代码。",
            "用Vega-Lite怎样描述这张图？请给出JSON。",
        ),
    },
}
CORRELATION: Wordings = {
    "en": (
        "How does the {quantity} go with the {across}?",
        "What does the scatter plot say about {across} and {quantity}?",
        "What kind of connection is there between {across} and {quantity}?",
        "Is the correlation of {across} and {quantity} positive or negative?",
    ),
    "zh": (
        "{quantity}与{across}有什么关系？",
        "散点图说明{across}与{quantity}之间有何关系？",
        "{across}和{quantity}是正相关还是负相关？",
        "随着{across}增大，{quantity}如何变化？",
    ),
}
UP_DAY: Wordings = {
    "en": (
        "Did the price rise or fall on {label}?",
        "Is the candle of {label} a rising or a falling one?",
        "Did the share gain or lose on {label}?",
        "Which way did the price go on {label}?",
    ),
    "zh": (
        "{label}的股价是涨还是跌？",
        "{label}的K线是上涨还是下跌？",
        "{label}收涨还是收跌？",
        "{label}当天涨了还是跌了？",
    ),
}
COUNT_UP: Wordings = {
    "en": (
        "On how many days did the price rise?",
        "How many rising candles are there?",
        "Count the days that closed above their opening price.",
        "How many candles show a gain?",
    ),
    "zh": ("有多少天上涨？", "图中有几根上涨的K线？", "数一数有几天收盘价高于开盘价。", "上涨的K线有多少根？"),
}
COUNT_DOWN: Wordings = {
    "en": (
        "On how many days did the price fall?",
        "How many falling candles are there?",
        "Count the days that closed below their opening price.",
        "How many candles show a loss?",
    ),
    "zh": ("有多少天下跌？", "图中有几根下跌的K线？", "数一数有几天收盘价低于开盘价。", "下跌的K线有多少根？"),
}
PEAK_DAY: Wordings = {
    "en": (
        "On which day did the price reach its highest point?",
        "Which day has the highest high?",
        "When was the highest price of all reached?",
        "Name the day of the highest price.",
    ),
    "zh": ("哪一天的价格达到最高点？", "最高价出现在哪一天？", "哪一天的最高价最高？", "股价在哪一天最高？"),
}
LOW_DAY: Wordings = {
    "en": (
        "On which day did the price reach its lowest point?",
        "Which day has the lowest low?",
        "When was the lowest price of all reached?",
        "Name the day of the lowest price.",
    ),
    "zh": ("哪一天的价格跌到最低点？", "最低价出现在哪一天？", "哪一天的最低价最低？", "股价在哪一天最低？"),
}
CELL_MOST: Wordings = {
    "en": (
        "Which cell has the highest value?",
        "Where is the {quantity} highest?",
        "Name row and column of the largest value.",
        "Which combination has the highest {quantity}?",
    ),
    "zh": (
        "哪个格子的值最大？",
        "{quantity}最{high}的是哪一格？",
        "说出最大值所在的行和列。",
        "哪个组合的{quantity}最{high}？",
    ),
}
CELL_LEAST: Wordings = {
    "en": (
        "Which cell has the lowest value?",
        "Where is the {quantity} lowest?",
        "Name row and column of the smallest value.",
        "Which combination has the lowest {quantity}?",
    ),
    "zh": (
        "哪个格子的值最小？",
        "{quantity}最{low}的是哪一格？",
        "说出最小值所在的行和列。",
        "哪个组合的{quantity}最{low}？",
    ),
}
NO_SHAPE: Wordings = {
    "en": ("What share does the largest slice of the pie have?", "What does the dashed red line in the map mean?", "Which branch of the tree diagram is the longest?", "What is in the middle of the flowchart?"),
    "zh": ("饼图中最大的一块占多少？", "地图上的红色虚线是什么意思？", "树状图中哪一支最长？", "流程图中间写的是什么？"),
}  # fmt: skip
