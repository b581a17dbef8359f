"""How text in scenes is asked about, by language: English and Chinese."""

Wordings = dict[str, tuple[str, ...]]
# What a thing is called, in both languages.
KINDS = {
    "sign": ("sign", "牌子"),
    "street sign": ("street sign", "路牌"),
    "license plate": ("license plate", "车牌"),
    "price tag": ("price tag", "价签"),
    "poster": ("poster", "海报"),
    "screen": ("screen", "屏幕"),
    "book": ("book", "书"),
    "bottle": ("bottle", "瓶子"),
    "jar": ("jar", "罐子"),
    "T-shirt": ("T-shirt", "T恤"),
}
# The same as it stands after "how many".
COUNTED = {
    "sign": ("signs", "块牌子"),
    "street sign": ("street signs", "块路牌"),
    "price tag": ("price tags", "个价签"),
    "book": ("books", "本书"),
    "bottle": ("bottles", "个瓶子"),
    "jar": ("jars", "个罐子"),
}
PLACES = {
    "top left": ("top left", "左上方"),
    "top": ("top", "上方"),
    "top right": ("top right", "右上方"),
    "left": ("left", "左边"),
    "middle": ("middle", "中间"),
    "right": ("right", "右边"),
    "bottom left": ("bottom left", "左下方"),
    "bottom": ("bottom", "下方"),
    "bottom right": ("bottom right", "右下方"),
}
W: dict[str, Wordings] = {
    "read": {
        "en": (
            "What does it say?",
            "What is written in the picture?",
            "Transcribe all text in the image.",
            "What text can you see?",
            "Please read everything that is written here.",
            "Write down all the words in this photo.",
            "Which words can be read here?",
            "Read out all the text, from top to bottom.",
        ),
        "zh": (
            "图中写了什么？",
            "图片里有哪些文字？",
            "请识别图中的所有文字。",
            "上面写的是什么？",
            "请把图里能看到的字都写出来。",
            "请从上到下读出图中的文字。",
            "照片里的文字是什么？",
            "请抄录图中的全部文字。",
        ),
    },
    "of colour": {
        "en": (
            "What does the {colour} {kind} say?",
            "What is written on the {colour} {kind}?",
            "Read the text on the {colour} {kind}.",
            "Which words are on the {colour} {kind}?",
        ),
        "zh": (
            "{colour}的{kind}上写的是什么？",
            "{colour}{kind}上写了什么？",
            "请读出{colour}{kind}上的文字。",
            "{colour}的{kind}上有什么字？",
        ),
    },
    "of kind": {
        "en": (
            "What does the {kind} say?",
            "What is written on the {kind}?",
            "Read the text on the {kind}.",
            "Which words are on the {kind}?",
        ),
        "zh": ("{kind}上写的是什么？", "{kind}上写了什么？", "请读出{kind}上的文字。", "{kind}上有什么字？"),
    },
    "colour": {
        "en": (
            "What colour is the {kind}?",
            "Which colour does the {kind} have?",
            "Name the colour of the {kind}.",
            "Say what colour the {kind} is.",
        ),
        "zh": ("{kind}是什么颜色的？", "{kind}是什么颜色？", "请说出{kind}的颜色。", "图中的{kind}是哪种颜色？"),
    },
    "letters": {
        "en": (
            "What colour are the letters?",
            "In which colour is the text written?",
            "What colour is the writing?",
            "Name the colour of the letters.",
        ),
        "zh": ("文字是什么颜色的？", "字是什么颜色？", "上面的字是哪种颜色？", "请说出文字的颜色。"),
    },
    "written on": {
        "en": (
            "What is the text written on?",
            "On what is the text written?",
            "What kind of object is the text on?",
            "Where is the text written: on what kind of thing?",
        ),
        "zh": ("文字写在什么东西上？", "这些字写在什么上面？", "字是写在什么物体上的？", "文字出现在什么东西上？"),
    },
    "count": {
        "en": (
            "How many {kinds} are there?",
            "How many {kinds} do you see?",
            "Count the {kinds}.",
            "How many {kinds} does the picture show?",
        ),
        "zh": ("图中有几{kinds}？", "一共有几{kinds}？", "你看到几{kinds}？", "数一数有几{kinds}。"),
    },
    "top": {
        "en": (
            "What is written at the top?",
            "Read the uppermost text.",
            "What does the text at the top say?",
            "Which text is highest up?",
        ),
        "zh": ("最上面写的是什么？", "请读出最上方的文字。", "顶部写了什么？", "位置最高的文字是什么？"),
    },
    "bottom": {
        "en": (
            "What is written at the bottom?",
            "Read the lowest text.",
            "What does the text at the bottom say?",
            "Which text is lowest down?",
        ),
        "zh": ("最下面写的是什么？", "请读出最下方的文字。", "底部写了什么？", "位置最低的文字是什么？"),
    },
    "left": {
        "en": (
            "What is written on the left?",
            "Read the text on the left.",
            "What does the left one say?",
            "What text is on the left side?",
        ),
        "zh": ("左边写的是什么？", "请读出左边的文字。", "左侧的文字是什么？", "左边那个上面写了什么？"),
    },
    "right": {
        "en": (
            "What is written on the right?",
            "Read the text on the right.",
            "What does the right one say?",
            "What text is on the right side?",
        ),
        "zh": ("右边写的是什么？", "请读出右边的文字。", "右侧的文字是什么？", "右边那个上面写了什么？"),
    },
    "where": {
        "en": (
            'Where in the picture does it say "{text}"?',
            'In which part of the picture is "{text}"?',
            'Where is "{text}" written?',
            'Where do you find the text "{text}"?',
        ),
        "zh": (
            "“{text}”在图中的什么位置？",
            "写着“{text}”的在图片哪个位置？",
            "“{text}”写在图中哪里？",
            "图中哪个方位写着“{text}”？",
        ),
    },
    "read language": {
        "en": (
            "Read only the {language} text.",
            "What does the {language} text say?",
            "Transcribe the {language} text and nothing else.",
            "Read the part of the sign that is in {language}.",
        ),
        "zh": (
            "只读出{language}部分。",
            "牌子上的{language}是什么？",
            "请只识别图中的{language}。",
            "请读出其中的{language}文字。",
        ),
    },
    "language": {
        "en": (
            'What language is "{text}"?',
            'In which language is "{text}" written?',
            'The text "{text}" is in which language?',
            'Name the language of "{text}".',
        ),
        "zh": (
            "“{text}”是什么语言？",
            "“{text}”是用哪种语言写的？",
            "“{text}”属于哪种语言？",
            "写着“{text}”的是什么语言？",
        ),
    },
    "translate": {
        "en": (
            'What is "{text}" in Chinese?',
            "Translate the notice into Chinese.",
            'How would "{text}" be written in Chinese?',
            "Give the Chinese for the notice.",
        ),
        "zh": (
            "“{text}”用英语怎么说？",
            "请把这条提示译成英文。",
            "“{text}”的英文是什么？",
            "这条标语翻译成英文是什么？",
        ),
    },
    "meaning": {
        "en": (
            "{question}",
            "{question} Answer yes or no.",
            "Look at the text. {question}",
            "Going by what is written: {question}",
        ),
        "zh": (
            "{question}请回答是或否。",
            "看看上面的字，{question}回答是或否。",
            "根据图中的文字，{question}（是或否）",
            "按照提示，{question}答“是”或“否”。",
        ),
    },
    "cost of": {
        "en": (
            'How much does "{product}" cost?',
            'What is the price of "{product}"?',
            'Read the price of "{product}".',
            'What do I pay for "{product}"?',
        ),
        "zh": (
            "“{product}”多少钱？",
            "“{product}”的价格是多少？",
            "“{product}”卖多少钱？",
            "请读出“{product}”的价格。",
        ),
    },
    "cheapest": {
        "en": (
            "What is cheapest?",
            "Which product has the lowest price?",
            "What costs the least?",
            "Which of these is the cheapest?",
        ),
        "zh": ("哪个最便宜？", "价格最低的是什么？", "什么东西最便宜？", "哪种商品的价格最低？"),
    },
    "dearest": {
        "en": (
            "What is most expensive?",
            "Which product has the highest price?",
            "What costs the most?",
            "Which of these is the most expensive?",
        ),
        "zh": ("哪个最贵？", "价格最高的是什么？", "什么东西最贵？", "哪种商品的价格最高？"),
    },
    "together": {
        "en": (
            "How much do both cost together?",
            "What is the total of the two prices?",
            "What do I pay for one of each?",
            "Add up the two prices.",
        ),
        "zh": ("两样一共多少钱？", "两个价格加起来是多少？", "各买一份要付多少钱？", "请算出两个价格之和。"),
    },
    "has": {
        "en": (
            'Is the word "{word}" in the picture?',
            'Does it say "{word}" anywhere?',
            'Can you find the word "{word}" here?',
            'Is "{word}" written somewhere?',
        ),
        "zh": (
            "图里有没有“{word}”字？",
            "文字中有“{word}”这个字吗？",
            "能找到“{word}”字吗？有没有？",
            "上面有没有写“{word}”字？",
        ),
    },
    "json": {
        "en": (
            "List the texts in the picture as a JSON array of strings.",
            "Read all text and return it as a JSON list.",
            "Give each text in the picture as an entry of a JSON list.",
            "Return the texts as a JSON array, in reading order.",
        ),
        "zh": (
            "请用JSON数组列出图中的各条文字。",
            "识别所有文字，并以JSON列表返回。",
            "把图中每条文字作为一项，输出JSON列表。",
            "请按阅读顺序用JSON数组输出文字。",
        ),
    },
}
# What is asked about a text of a role, where there is one.
ROLES: dict[str, Wordings] = {
    "name": {
        "en": (
            "What is the name of the shop?",
            "What is this place called?",
            "Which name is written here?",
            "Read the name of the business.",
        ),
        "zh": ("店名是什么？", "这家店叫什么名字？", "写的是什么店名？", "请读出店铺的名称。"),
    },
    "price": {
        "en": ("How much does it cost?", "What is the price?", "Which price is written?", "Read the price."),
        "zh": ("多少钱？", "价格是多少？", "标价是多少？", "请读出价格。"),
    },
    "phone": {
        "en": (
            "What is the phone number?",
            "Which number can I call?",
            "Read the phone number.",
            "What phone number is given?",
        ),
        "zh": ("电话号码是多少？", "该打哪个电话？", "请读出电话号码。", "上面留的电话是多少？"),
    },
    "hours": {
        "en": (
            "Which opening hours are given?",
            "What does it say about the hours?",
            "Read the opening hours.",
            "At what times, as written here?",
        ),
        "zh": ("上面写的时间是什么？", "营业时间怎么写的？", "请读出时间。", "牌子上写的是几点到几点？"),
    },
    "street": {
        "en": (
            "What is the name of the street?",
            "Which street is named?",
            "Read the name of the street.",
            "What street is it?",
        ),
        "zh": ("路名是什么？", "写的是哪条路？", "请读出街道名称。", "这是什么路？"),
    },
    "title": {
        "en": ("What is the title?", "Read the title.", "Which title is written?", "What is it called?"),
        "zh": ("标题是什么？", "请读出标题。", "名称叫什么？", "写的题目是什么？"),
    },
    "author": {
        "en": ("Who wrote the book?", "Who is the author?", "Read the name of the author.", "Who is the book by?"),
        "zh": ("这本书是谁写的？", "作者是谁？", "请读出作者的名字。", "作者叫什么？"),
    },
    "plate": {
        "en": (
            "What is the license plate number?",
            "Read the license plate.",
            "What is the number of the car?",
            "Which plate number does the car have?",
        ),
        "zh": ("车牌号是多少？", "请读出车牌号。", "这辆车的车牌号码是什么？", "车牌上的号码是什么？"),
    },
    "date": {
        "en": ("What date is given?", "On which date is it?", "Read the date.", "Which date is written?"),
        "zh": ("日期是什么？", "写的是什么日期？", "请读出日期。", "在什么日期举行？"),
    },
    "website": {
        "en": ("What is the web address?", "Which website is given?", "Read the web address.", "What is the URL?"),
        "zh": ("网址是什么？", "请读出网址。", "写的是哪个网址？", "网站地址是什么？"),
    },
    "product": {
        "en": (
            "What is the product called?",
            "Which product is it?",
            "Read the name of the product.",
            "What is sold here?",
        ),
        "zh": ("产品名称是什么？", "这是什么产品？", "请读出商品名称。", "卖的是什么？"),
    },
}
# Question and answer; the answer is true where what is asked for is absent.
FALSE: dict[str, tuple[Wordings, Wordings]] = {
    "phone": (
        {
            "en": ("What is the phone number?", "Which phone number is given?"),
            "zh": ("电话号码是多少？", "上面留的电话是多少？"),
        },
        {"en": ("No phone number is written in the picture.",), "zh": ("图中没有电话号码。",)},
    ),
    "price": (
        {"en": ("How much does it cost?", "What price is written?"), "zh": ("标价是多少？", "上面写的是多少钱？")},
        {"en": ("No price is written in the picture.",), "zh": ("图中没有写价格。",)},
    ),
    "website": (
        {"en": ("What is the web address?", "Which website is given?"), "zh": ("网址是什么？", "写的是哪个网址？")},
        {"en": ("No web address is written in the picture.",), "zh": ("图中没有网址。",)},
    ),
    "date": (
        {"en": ("What date is given?", "On which date is it?"), "zh": ("写的是什么日期？", "请读出日期。")},
        {"en": ("No date is written in the picture.",), "zh": ("图中没有写日期。",)},
    ),
    "kind": (
        {
            "en": ("What is written on the {kind}?", "Read the text on the {kind}."),
            "zh": ("{kind}上写的是什么？", "请读出{kind}上的文字。"),
        },
        {"en": ("There is no {kind} in the picture.",), "zh": ("图中没有{kind}。",)},
    ),
    "colour": (
        {
            "en": ("What does the {colour} {kind} say?", "What is written on the {colour} {kind}?"),
            "zh": ("{colour}的{kind}上写的是什么？", "{colour}{kind}上写了什么？"),
        },
        {"en": ("There is no {colour} {kind} in the picture.",), "zh": ("图中没有{colour}的{kind}。",)},
    ),
}
