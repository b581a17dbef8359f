"""How two or three pictures are asked about together: wordings by language, with their fields in braces."""

Wordings = dict[str, tuple[str, ...]]

PICTURES = (("first", "第一"), ("second", "第二"), ("third", "第三"))
SPOT: Wordings = {
    "en": (
        "What is different between the two pictures?",
        "Spot the difference.",
        "What has changed from the first picture to the second?",
        "In what way do the two pictures differ?",
        "Compare the two pictures: what is not the same?",
    ),
    "zh": (
        "两张图有什么不同？",
        "请找出两张图的不同之处。",
        "从第一张图到第二张图，什么变了？",
        "这两张图的区别在哪里？",
        "比较两张图，哪里不一样？",
    ),
}
SAME: Wordings = {
    "en": (
        "Are the two pictures the same?",
        "Do both pictures show exactly the same thing?",
        "Would you say that the two pictures are the same?",
        "Are these two pictures identical?",
    ),
    "zh": ("两张图是一样的吗？", "这两张图是完全相同的吗？", "两张图的内容是一模一样的吗？", "这两张图是相同的吗？"),
}
CHANGED: Wordings = {
    "en": (
        "Which thing is different?",
        "Which thing is not the same in both pictures?",
        "Which of the things has changed?",
        "Name the thing that has changed.",
    ),
    "zh": ("哪样东西变了？", "两张图里不一样的是哪样东西？", "发生变化的是哪样东西？", "请说出变化了的东西。"),
}
NO_CHANGE: Wordings = {
    "en": ("There is no difference; the pictures are the same.",),
    "zh": ("没有不同，两张图是一样的。",),
}
CHANGES: dict[str, Wordings] = {
    "missing": {"en": ("{The} {is_are} missing in the second picture.",), "zh": ("第二张图里少了{zh}。",)},
    "added": {"en": ("The second picture also shows {phrase}.",), "zh": ("第二张图里多了{phrase}。",)},
    "replaced": {
        "en": ("The second picture shows {other} instead of {the}.",),
        "zh": ("第二张图里，{zh}换成了{other}。",),
    },
    "moved": {
        "en": ("{The} {is_are} in another place in the second picture.",),
        "zh": ("第二张图里，{zh}换了位置。",),
    },
    "larger": {"en": ("{The} {is_are} larger in the second picture.",), "zh": ("第二张图里的{zh}变大了。",)},
    "smaller": {"en": ("{The} {is_are} smaller in the second picture.",), "zh": ("第二张图里的{zh}变小了。",)},
    "colour": {
        "en": ("The card behind {the} is {one} in the first picture and {two} in the second.",),
        "zh": ("{zh}后面的卡片在第一张图里是{one}，在第二张图里是{two}。",),
    },
}
WHICH: Wordings = {
    "en": (
        "Which picture shows {phrase}?",
        "In which picture do you see {phrase}?",
        "Which of the pictures has {phrase} in it?",
        "Find the picture with {phrase}.",
    ),
    "zh": ("哪张图里有{zh}？", "{zh}在哪张图里？", "请找出有{zh}的那张图。", "哪一张图画了{zh}？"),
}
DOES: Wordings = {
    "en": (
        "Does the {which} picture show {phrase}?",
        "Is there {phrase} in the {which} picture?",
        "Do you see {phrase} in the {which} picture?",
        "Can one find {phrase} in the {which} picture?",
    ),
    "zh": (
        "{which}张图里有{zh}吗？",
        "{which}张图里有没有{zh}？",
        "在{which}张图中有{zh}吗？",
        "{which}张图画面里有没有{zh}？",
    ),
}
SHARED: Wordings = {
    "en": (
        "What do the pictures have in common?",
        "What do all pictures show?",
        "Which thing is in every picture?",
        "What connects these pictures?",
    ),
    "zh": ("这些图有什么共同点？", "每张图里都有什么？", "哪样东西在每张图里都出现了？", "这几张图的共同之处是什么？"),
}
SHARED_ANSWER: Wordings = {"en": ("All pictures show {phrases}.",), "zh": ("每张图里都有{phrases}。",)}
ONLY: Wordings = {
    "en": (
        "What is in the {one} picture but not in the {two}?",
        "What does the {one} picture show that the {two} does not?",
        "Which things are in the {one} picture, but missing in the {two}?",
        "Name what only the {one} picture shows, compared with the {two}.",
    ),
    "zh": (
        "{one}张图里有而{two}张图里没有的是什么？",
        "和{two}张图相比，{one}张图里多了什么？",
        "哪些东西在{one}张图里，却不在{two}张图里？",
        "请说出{one}张图有、{two}张图没有的东西。",
    ),
}
MATCH: Wordings = {
    "en": (
        'Which picture fits this text: "{text}"?',
        'To which picture does the caption "{text}" belong?',
        '"{text}" Which of the pictures is meant?',
        'Find the picture that this sentence describes: "{text}"',
    ),
    "zh": (
        "哪张图符合这句话：“{text}”？",
        "“{text}”说的是哪张图？",
        "这句说明对应哪张图：“{text}”？",
        "请找出这句话描述的图：“{text}”",
    ),
}
FITS: Wordings = {
    "en": (
        'Does "{text}" describe the {which} picture?',
        'Is "{text}" a true caption of the {which} picture?',
        'Does the {which} picture fit the text "{text}"?',
        'Would "{text}" be right for the {which} picture?',
    ),
    "zh": (
        "“{text}”说的是{which}张图吗？",
        "“{text}”是{which}张图的正确说明吗？",
        "{which}张图和“{text}”是相符的吗？",
        "“{text}”这句话用来说明{which}张图，是对的吗？",
    ),
}
MOST_THINGS: Wordings = {
    "en": (
        "Which picture shows the most things?",
        "In which picture are there the most things?",
        "Which of the pictures has the largest number of things?",
        "Which picture has the most things in it?",
    ),
    "zh": ("哪张图里的东西最多？", "哪一张图中的东西数量最多？", "东西最多的是哪张图？", "哪张图画的东西最多？"),
}
MOST_OF: Wordings = {
    "en": (
        "Which picture shows the most {many}?",
        "In which picture are there the most {many}?",
        "Which of the pictures has the largest number of {many}?",
        "Find the picture with the most {many}.",
    ),
    "zh": ("哪张图里的{zh}最多？", "哪一张图中{zh}的数量最多？", "{zh}最多的是哪张图？", "请找出{zh}最多的那张图。"),
}
FEWEST_OF: Wordings = {
    "en": (
        "Which picture shows the fewest {many}?",
        "In which picture are there the fewest {many}?",
        "Which of the pictures has the smallest number of {many}?",
        "Find the picture with the fewest {many}.",
    ),
    "zh": ("哪张图里的{zh}最少？", "哪一张图中{zh}的数量最少？", "{zh}最少的是哪张图？", "请找出{zh}最少的那张图。"),
}
SEQUENCE: Wordings = {
    "en": (
        "Put the pictures in order, from the fewest {many} to the most.",
        "Order the pictures by the number of {many}, the smallest first.",
        "In which order does the number of {many} increase?",
        "Sort the pictures so that the number of {many} grows.",
    ),
    "zh": (
        "请按{zh}从少到多给图片排序。",
        "按照{zh}的数量从少到多，图片应该怎么排？",
        "怎样排列图片，{zh}会越来越多？",
        "请给图片排序，让{zh}的数量逐渐增加。",
    ),
}
TOGETHER: Wordings = {
    "en": (
        "How many {many} are there in all pictures together?",
        "Count the {many} in all pictures.",
        "What is the total number of {many} over all pictures?",
        "How many {many} do the pictures show altogether?",
    ),
    "zh": (
        "所有图里一共有几{measure}{zh}？",
        "几张图里的{zh}加起来有多少{measure}？",
        "请数一数所有图里的{zh}一共有几{measure}。",
        "全部图片中总共有多少{measure}{zh}？",
    ),
}
IN_ONE: Wordings = {
    "en": (
        "How many {many} are there in the {which} picture?",
        "Count the {many} in the {which} picture.",
        "How many {many} does the {which} picture show?",
        "What is the number of {many} in the {which} picture?",
    ),
    "zh": (
        "{which}张图里有几{measure}{zh}？",
        "请数一数{which}张图里有几{measure}{zh}。",
        "{which}张图里一共有多少{measure}{zh}？",
        "{which}张图画了几{measure}{zh}？",
    ),
}
SAME_KIND: Wordings = {
    "en": (
        "Do the pictures show the same kind of thing?",
        "Is it the same thing in all pictures?",
        "Are the things in the pictures of the same kind?",
        "Do all pictures show the same sort of thing?",
    ),
    "zh": (
        "这些图画的是同一种东西吗？",
        "这几张图里的东西是同一种吗？",
        "这些图片展示的是相同的事物吗？",
        "所有图里的都是同一种东西吗？",
    ),
}
ODD: Wordings = {
    "en": (
        "Which picture does not fit with the others?",
        "Which picture is the odd one out?",
        "One picture shows something different from the others: which one?",
        "Find the picture that differs from the other two.",
    ),
    "zh": (
        "哪张图和其他的不一样？",
        "哪一张图与众不同？",
        "有一张图画的东西和其他图不同，是哪张？",
        "请找出和另外两张不同的那张图。",
    ),
}
EACH: Wordings = {
    "en": (
        "What does each picture show?",
        "Describe each picture.",
        "Say for each picture what is in it.",
        "What do you see in each of the pictures?",
    ),
    "zh": ("每张图里分别是什么？", "请分别描述每张图。", "请逐一说出每张图的内容。", "你在每张图里分别看到了什么？"),
}
TOO_MANY: Wordings = {
    "en": (
        "What does the {which} picture show?",
        "Describe the {which} picture.",
        "What is in the {which} picture?",
        "Which things are in the {which} picture?",
    ),
    "zh": ("{which}张图里有什么？", "请描述{which}张图。", "{which}张图画了什么？", "{which}张图里有哪些东西？"),
}
ONLY_SO_MANY: Wordings = {"en": ("There are only {count} pictures.",), "zh": ("一共只有{count}张图。",)}
NOWHERE: Wordings = {"en": ("None of the pictures shows {phrase}.",), "zh": ("哪张图里都没有{zh}。",)}
