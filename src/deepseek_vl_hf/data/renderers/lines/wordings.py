"""How lines of text are asked about, by language of the questions: English and Chinese."""

ORDINALS = {
    "en": ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
    "zh": ("第一", "第二", "第三", "第四", "第五", "第六", "第七", "第八"),
}
Wordings = dict[str, tuple[str, ...]]
W: dict[str, Wordings] = {
    "read": {
        "en": (
            "What does it say?",
            "What is written here?",
            "What does the text say?",
            "Transcribe the text.",
            "What text is in the picture?",
            "Can you read this?",
            "Please read what is written.",
            "Write down the text in the image.",
            "What do you read here?",
            "Type out the text exactly as it is printed.",
        ),
        "zh": (
            "这上面写的是什么？",
            "图中写了什么？",
            "图片里的文字是什么？",
            "请把图中的文字写出来。",
            "请识别图中的文字。",
            "上面写着什么字？",
            "请抄录图片中的文字。",
            "你能读出图里的文字吗？",
            "请原样输出图中的文字。",
        ),
    },
    "read code": {
        "en": (
            "Read the code.",
            "Transcribe the code.",
            "What code is shown?",
            "Write down the code in the picture.",
            "Copy the code exactly, with its indentation.",
        ),
        "zh": (
            "读出代码。",
            "请转写图中的代码。",
            "图中的代码是什么？",
            "请写出图里的代码。",
            "请照原样抄写代码，保留缩进。",
        ),
    },
    "count lines": {
        "en": (
            "How many lines of text are there?",
            "How many lines does the text have?",
            "Count the lines of text.",
            "On how many lines is the text written?",
        ),
        "zh": ("一共有几行文字？", "文字有几行？", "数一数，图中有几行字？", "这段文字分成几行？"),
    },
    "line": {
        "en": (
            "What does the {nth} line say?",
            "Read the {nth} line.",
            "What is written on the {nth} line?",
            "Read only the {nth} line of the text.",
        ),
        "zh": ("{nth}行写的是什么？", "请读出{nth}行。", "{nth}行的文字是什么？", "只读{nth}行。"),
    },
    "last line": {
        "en": (
            "What does the last line say?",
            "Read the last line.",
            "What is written on the bottom line?",
            "What does the lowest line say?",
        ),
        "zh": ("最后一行写的是什么？", "请读出最后一行。", "最下面一行是什么字？", "末行写了什么？"),
    },
    "first line": {
        "en": (
            "What does the top line say?",
            "Read the top line.",
            "What is written on the uppermost line?",
            "How does the text begin? Read its first line.",
        ),
        "zh": ("最上面一行写的是什么？", "请读出最上面一行。", "首行写了什么？", "开头一行是什么？"),
    },
    "language": {
        "en": (
            "What language is the text in?",
            "Which language is this?",
            "In which language is the text written?",
            "Name the language of the text.",
        ),
        "zh": ("文字是什么语言？", "这是哪种语言的文字？", "图中的文字用的是什么语言？", "这段话是用什么语言写的？"),
    },
    "read language": {
        "en": (
            "Read only the {language} text.",
            "What does the {language} line say?",
            "Transcribe the {language} text and nothing else.",
            "Read the line that is in {language}.",
        ),
        "zh": (
            "只读出{language}部分。",
            "{language}那一行写的是什么？",
            "请只识别图中的{language}。",
            "请读出其中的{language}文字。",
        ),
    },
    "language of line": {
        "en": (
            "In which language is the {nth} line?",
            "What language is the {nth} line written in?",
            "Which language does the {nth} line use?",
            "Name the language of the {nth} line.",
        ),
        "zh": (
            "{nth}行是什么语言？",
            "{nth}行是用什么语言写的？",
            "{nth}行用的是哪种语言？",
            "{nth}行的文字属于哪种语言？",
        ),
    },
    "digits": {
        "en": (
            "Are there any digits in the text?",
            "Does the text contain digits?",
            "Is any digit written here?",
            "Do you see digits such as 3 or 7 in the text?",
        ),
        "zh": (
            "文字里有没有阿拉伯数字？",
            "图中有阿拉伯数字吗？",
            "这些字里面有没有阿拉伯数字？",
            "有没有写阿拉伯数字？",
        ),
    },
    "has": {
        "en": (),
        "zh": (
            "图里有没有“{word}”字？",
            "文字中有“{word}”这个字吗？",
            "能找到“{word}”字吗？有没有？",
            "上面有没有写“{word}”字？",
        ),
    },
    "has word": {
        "en": (
            'Is the word "{word}" in the text?',
            'Does the text contain the word "{word}"?',
            'Can you find the word "{word}" here?',
            'Is "{word}" written in the picture?',
        ),
        "zh": (
            "图里有没有“{word}”这个词？",
            "文字中有单词“{word}”吗？",
            "能找到“{word}”这个单词吗？有没有？",
            "上面有没有写“{word}”这个词？",
        ),
    },
    "json": {
        "en": (
            "Read the text as a JSON list with one string for each line.",
            "Give the lines of text as a JSON array of strings.",
            "Return the text as a JSON list, line by line.",
            "Write the lines as a JSON list.",
        ),
        "zh": (
            "请以JSON列表输出文字，每行一个字符串。",
            "把各行文字写成JSON数组。",
            "请逐行识别，并用JSON列表返回。",
            "用JSON列表给出每一行文字。",
        ),
    },
    "capitals": {
        "en": (
            "Write the text in capital letters.",
            "Read the text and write it in upper case.",
            "Give the text in all capitals.",
            "Transcribe the text in capital letters only.",
        ),
        "zh": (
            "请把文字全部写成大写字母。",
            "用大写字母写出图中的文字。",
            "请读出文字，并写成大写。",
            "请只用大写字母抄写文字。",
        ),
    },
    "spaced": {
        "en": (),
        "zh": (
            "请逐字读出汉字，字与字之间用空格隔开，不要标点。",
            "去掉标点，把汉字用空格一个个隔开写出来。",
            "只写汉字，每个字之间加一个空格。",
            "请把图中的汉字逐个列出，用空格分隔。",
        ),
    },
    "count words": {
        "en": (
            "How many words are there?",
            "How many words does the text have?",
            "Count the words.",
            "How many words is the text made of?",
        ),
        "zh": ("一共有几个单词？", "文字有几个单词？", "数一数有几个单词。", "这段文字由几个单词组成？"),
    },
    "word": {
        "en": (
            "What is the {nth} word?",
            "Read the {nth} word.",
            "Which word comes {nth}?",
            "What does the {nth} word say?",
        ),
        "zh": ("{nth}个单词是什么？", "请读出{nth}个单词。", "从头数，{nth}个单词是哪个？", "{nth}个单词写的是什么？"),
    },
    "last word": {
        "en": (
            "What is the last word?",
            "Read the last word.",
            "Which word comes last?",
            "With which word does the line end?",
        ),
        "zh": ("最后一个单词是什么？", "请读出最后一个单词。", "末尾的单词是什么？", "这一行以哪个单词结尾？"),
    },
    "spell": {
        "en": (
            "Spell the first word, with hyphens between the letters.",
            "How is the first word spelled? Put hyphens between the letters.",
            "Spell out the first word letter by letter, like a-b-c.",
            "Write the letters of the first word, joined by hyphens.",
        ),
        "zh": (
            "请拼出第一个单词，字母之间用连字符隔开。",
            "第一个单词怎么拼写？字母之间加连字符。",
            "请逐个字母拼出第一个单词，如 a-b-c。",
            "写出第一个单词的各个字母，用连字符连接。",
        ),
    },
    "count letters": {
        "en": (
            "How many letters does the first word have?",
            "Count the letters of the first word.",
            "How many letters is the first word made of?",
            "How long is the first word, in letters?",
        ),
        "zh": (
            "第一个单词有几个字母？",
            "数一数第一个单词的字母。",
            "第一个单词由几个字母组成？",
            "第一个单词有多长（几个字母）？",
        ),
    },
    "character": {
        "en": (),
        "zh": (
            "{nth}个字是什么？",
            "请读出{nth}个字。",
            "从头数，{nth}个字是哪个字？",
            "从开头数起，{nth}个字写的是什么？",
        ),
    },
    "count characters": {
        "en": (),
        "zh": ("一共有几个汉字？", "数一数，图中有几个汉字？", "不算标点，有几个汉字？", "图里写了多少个汉字？"),
    },
}
SUBJECTS: dict[str, Wordings] = {
    "price": {
        "en": ("What price is written?", "How much is it?", "What is the price?", "Which amount of money is shown?"),
        "zh": ("价格是多少？", "写的是多少钱？", "图中的金额是多少？", "多少钱？"),
    },
    "date": {
        "en": ("What date is written?", "Which date is it?", "Read the date.", "What is the date?"),
        "zh": ("写的日期是什么？", "图中的日期是什么？", "请读出日期。", "上面写着什么日期？"),
    },
    "time": {
        "en": ("What time is written?", "What time is it?", "Read the time.", "What is the time?"),
        "zh": ("写的是几点？", "图中的时间是什么？", "请读出时间。", "上面写着什么时间？"),
    },
    "phone": {
        "en": (
            "What is the phone number?",
            "Read the phone number.",
            "Which number should I call?",
            "What phone number is it?",
        ),
        "zh": ("电话号码是多少？", "请读出电话号码。", "该打哪个号码？", "图中的电话是多少？"),
    },
    "quantity": {
        "en": (
            "What amount is written?",
            "How much is it, with the unit?",
            "Read the amount.",
            "What quantity is shown?",
        ),
        "zh": ("写的数量是多少？", "请读出数量和单位。", "图中的数量是多少？", "上面写着多少？"),
    },
    "number": {
        "en": ("Which number is it?", "What number is written?", "Read the number.", "What is the number?"),
        "zh": ("写的是什么数字？", "图中的数是多少？", "请读出这个数。", "这个数字是多少？"),
    },
    "sum": {
        "en": (
            "What is the result?",
            "What stands after the equals sign?",
            "What is the result of the calculation?",
            "Read the result.",
        ),
        "zh": ("结果是多少？", "等号后面是什么？", "这道算式的得数是多少？", "请读出计算结果。"),
    },
    "email": {
        "en": (
            "What is the e-mail address?",
            "Read the e-mail address.",
            "Where can I write an e-mail to?",
            "Which e-mail address is it?",
        ),
        "zh": ("电子邮箱是什么？", "请读出邮箱地址。", "邮箱地址是什么？", "邮件应该发到哪个地址？"),
    },
    "website": {
        "en": ("What is the web address?", "Read the web address.", "Which website is it?", "What is the URL?"),
        "zh": ("网址是什么？", "请读出网址。", "图中写的是哪个网址？", "网站地址是什么？"),
    },
    "path": {
        "en": (
            "What is the path of the file?",
            "Read the file path.",
            "Which file is it?",
            "What file is named here?",
        ),
        "zh": ("文件路径是什么？", "请读出文件路径。", "写的是哪个文件？", "图中的文件名和路径是什么？"),
    },
    "plate": {
        "en": (
            "What is the license plate number?",
            "Read the plate number.",
            "What is the number of the plate?",
            "Which plate number is it?",
        ),
        "zh": ("车牌号是多少？", "请读出车牌号。", "写的是什么车牌号？", "图中的车牌号码是什么？"),
    },
}
# Question and answer; the answer is true where what is asked for is absent.
FALSE: dict[str, tuple[Wordings, Wordings]] = {
    "line": (
        {
            "en": ("What does the {nth} line say?", "Read the {nth} line."),
            "zh": ("{nth}行写的是什么？", "请读出{nth}行。"),
        },
        {"en": ("There is no {nth} line; the text has {count}.",), "zh": ("没有{nth}行，图中只有{count}行文字。",)},
    ),
    "below": (
        {
            "en": ("What does the small print below the text say?", "Read the footnote."),
            "zh": ("下面的脚注写了什么？", "请读出文字下方的小字说明。"),
        },
        {
            "en": ("There is nothing of the kind; the picture has only {count} of text.",),
            "zh": ("没有这样的文字，图中只有{count}行文字。",),
        },
    ),
    "price": (
        {
            "en": ("How much does it cost?", "What price is written here?"),
            "zh": ("上面写的价格是多少？", "标价多少钱？"),
        },
        {"en": ("No price is written in the picture.",), "zh": ("图中没有写价格。",)},
    ),
    "phone": (
        {
            "en": ("What is the phone number?", "Which phone number is given?"),
            "zh": ("电话号码是多少？", "上面留的是哪个电话？"),
        },
        {"en": ("No phone number is written in the picture.",), "zh": ("图中没有电话号码。",)},
    ),
    "date": (
        {
            "en": ("In which year was this, according to the text?", "What year is written?"),
            "zh": ("上面写的是哪一年？", "图中的年份是什么？"),
        },
        {"en": ("No year is written in the picture.",), "zh": ("图中没有写年份。",)},
    ),
    "email": (
        {
            "en": ("What is the e-mail address?", "Read the e-mail address."),
            "zh": ("电子邮箱是什么？", "请读出邮箱地址。"),
        },
        {"en": ("There is no e-mail address in the picture.",), "zh": ("图中没有邮箱地址。",)},
    ),
    "chinese": (
        {
            "en": ("Read the Chinese text.", "What do the Chinese characters say?"),
            "zh": ("请读出图中的汉字。", "汉字写的是什么？"),
        },
        {"en": ("There is no Chinese text in the picture.",), "zh": ("图中没有汉字。",)},
    ),
    "english": (
        {
            "en": ("Read the English text.", "What does the English line say?"),
            "zh": ("请读出图中的英文。", "英文写的是什么？"),
        },
        {"en": ("There is no English text in the picture.",), "zh": ("图中没有英文。",)},
    ),
}
