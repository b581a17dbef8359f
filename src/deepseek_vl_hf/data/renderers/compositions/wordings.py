"""How pictures of several things are asked about: wordings by language, with their fields in braces."""

Wordings = dict[str, tuple[str, ...]]

HOW_MANY: Wordings = {
    "en": (
        "How many {many} are there?",
        "How many {many} do you see in the picture?",
        "Count the {many}.",
        "What is the number of {many} in this image?",
    ),
    "zh": (
        "图里有几{measure}{zh}？",
        "图片里一共有多少{measure}{zh}？",
        "请数一数有几{measure}{zh}。",
        "你能看到几{measure}{zh}？",
    ),
}
TOTAL: Wordings = {
    "en": (
        "How many things are there altogether?",
        "How many things does the picture show in total?",
        "Count all the things in the picture.",
        "What is the total number of things shown?",
    ),
    "zh": (
        "图里一共有多少个东西？",
        "图片里总共有几个东西？",
        "请数一数图里一共有几个东西。",
        "图里所有的东西加起来有几个？",
    ),
}
KINDS: Wordings = {
    "en": (
        "How many different kinds of things are there?",
        "How many sorts of things are in the picture?",
        "How many kinds of things do you see?",
        "Count the kinds of things in the picture.",
    ),
    "zh": ("图里有几种不同的东西？", "图中的东西一共有多少种？", "你看到了几种东西？", "请数一数图里有几种东西。"),
}
ALL_COUNTS: Wordings = {
    "en": (
        "How many of each kind are there?",
        "Count the things of each kind.",
        "List the things in the picture with their numbers.",
        "Say how many there are of each thing.",
    ),
    "zh": ("每种东西各有多少？", "请分别数一数每种东西的数量。", "请列出图中的东西和数量。", "图里的东西各有几个？"),
}
MORE: Wordings = {
    "en": (
        "Are there more {one} or more {other}?",
        "Which are there more of: {one} or {other}?",
        "Which are more numerous, the {one} or the {other}?",
        "What are there more of: {one} or {other}?",
    ),
    "zh": (
        "{zh_one}多还是{zh_other}多？",
        "{zh_one}和{zh_other}，哪个更多？",
        "图里{zh_one}多，还是{zh_other}多？",
        "请比较{zh_one}和{zh_other}，哪个数量更多？",
    ),
}
MORE_ANSWER: Wordings = {"en": ("There are more {one}.",), "zh": ("{zh_one}更多。",)}
AS_MANY: Wordings = {"en": ("There are equally many.",), "zh": ("一样多。",)}
DIFFERENCE: Wordings = {
    "en": (
        "How many more {one} than {other} are there?",
        "By how many do the {one} outnumber the {other}?",
        "What is the number of {one} minus the number of {other}?",
        "How many more {other} would there have to be to match the {one}?",
    ),
    "zh": (
        "{zh_one}比{zh_other}多几{measure}？",
        "{zh_one}的数量减去{zh_other}的数量是多少？",
        "{zh_one}比{zh_other}多出多少？",
        "{zh_other}再添多少就和{zh_one}一样多？",
    ),
}
MOST: Wordings = {
    "en": (
        "Which thing appears most often?",
        "Of which thing are there the most?",
        "What is the most frequent thing?",
        "What do you see the most of?",
    ),
    "zh": ("哪种东西最多？", "图里什么东西的数量最多？", "出现次数最多的是什么？", "数量最多的是哪种东西？"),
}
LEAST: Wordings = {
    "en": (
        "Which thing appears least often?",
        "Of which thing are there the fewest?",
        "What is the rarest thing in the picture?",
        "What do you see the fewest of?",
    ),
    "zh": ("哪种东西最少？", "图里什么东西的数量最少？", "出现次数最少的是什么？", "数量最少的是哪种东西？"),
}
THERE: Wordings = {
    "en": (
        "Is there {phrase} in the picture?",
        "Do you see {phrase}?",
        "Does the picture show {phrase}?",
        "Can you find {phrase} in this image?",
    ),
    "zh": ("图里有{zh}吗？", "图片里有没有{zh}？", "这张图里有{zh}吗？", "画面中有没有{zh}？"),
}
LEFT_OR_RIGHT: Wordings = {
    "en": (
        "{is_are} {one} to the left or to the right of {other}?",
        "On which side of {other} {is_are} {one}, left or right?",
        "Seen from {other}, {is_are} {one} on the left or on the right?",
        "{one}: left or right of {other}?",
    ),
    "zh": (
        "{one}在{other}的左边还是右边？",
        "{one}位于{other}的哪一边，左边还是右边？",
        "相对于{other}，{one}在左边还是右边？",
        "请问{one}在{other}的左侧还是右侧？",
    ),
}
ABOVE_OR_BELOW: Wordings = {
    "en": (
        "{is_are} {one} above or below {other}?",
        "Do you see {one} above or below {other}?",
        "Where {is_are} {one}: above or below {other}?",
        "Seen from {other}, {is_are} {one} above or below?",
    ),
    "zh": (
        "{one}在{other}的上面还是下面？",
        "{one}位于{other}的上面还是下面？",
        "相对于{other}，{one}在上面还是下面？",
        "请问{one}在{other}的上面还是下面？",
    ),
}
NEXT: Wordings = {
    "en": (
        "What is directly {side} {other}?",
        "Which thing is next, {side} {other}?",
        "What do you see right {side} {other}?",
        "Name the thing directly {side} {other}.",
    ),
    "zh": (
        "紧挨着{other}{zh_side}的是什么？",
        "{other}的{zh_side}紧接着是什么？",
        "{other}{zh_side}的第一样东西是什么？",
        "请说出{other}{zh_side}相邻的东西。",
    ),
}
SIDES = {
    "left": ("to the left of", "左边"),
    "right": ("to the right of", "右边"),
    "above": ("above", "上面"),
    "below": ("below", "下面"),
}
BETWEEN: Wordings = {
    "en": (
        "What is between {one} and {other}?",
        "Which thing stands between {one} and {other}?",
        "What do you see between {one} and {other}?",
        "Name the thing between {one} and {other}.",
    ),
    "zh": (
        "{one}和{other}之间是什么？",
        "夹在{one}和{other}中间的是什么？",
        "{one}与{other}的中间有什么？",
        "请说出{one}和{other}之间的东西。",
    ),
}
AT: Wordings = {
    "en": ("What is {place}?", "Which thing is {place}?", "What do you see {place}?", "Name the thing {place}."),
    "zh": ("{place}是什么？", "{place}的东西是什么？", "你在{place}看到了什么？", "请说出{place}的东西。"),
}
WHERE: Wordings = {
    "en": (
        "Where {is_are} {definite}?",
        "Where in the picture {is_are} {definite}?",
        "Where do you see {definite}?",
        "Say where {definite} {is_are}.",
    ),
    "zh": (
        "{definite}在哪里？",
        "{definite}在图中的什么位置？",
        "你在哪里看到了{definite}？",
        "请说出{definite}的位置。",
    ),
}
CORNERS = {
    (0, 0): ("in the upper left corner", "左上角"),
    (0, 2): ("in the upper right corner", "右上角"),
    (2, 0): ("in the lower left corner", "左下角"),
    (2, 2): ("in the lower right corner", "右下角"),
    (1, 1): ("in the middle", "正中间"),
}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
ORDER: Wordings = {
    "en": (
        "Name the things {way}.",
        "What do you see {way}?",
        "List everything {way}.",
        "What is the order of the things {way}?",
    ),
    "zh": ("请{way}说出这些东西。", "{way}依次是什么？", "{way}看，图里依次有什么？", "请{way}列出图中的东西。"),
}
WAYS = {
    "right": ("from left to right", "从左到右"),
    "left": ("from right to left", "从右到左"),
    "down": ("from top to bottom", "从上到下"),
}
LARGER: Wordings = {
    "en": (
        "Which is drawn larger: {one} or {other}?",
        "Which of the two is larger in the picture, {one} or {other}?",
        "In this picture, which is larger, {one} or {other}?",
        "In the picture, what is larger: {one} or {other}?",
    ),
    "zh": (
        "{one}和{other}，哪个画得更大？",
        "图中{one}大还是{other}大？",
        "在这张图里，{one}和{other}哪个更大？",
        "画面里更大的是{one}还是{other}？",
    ),
}
LARGEST: Wordings = {
    "en": (
        "Which thing is drawn largest?",
        "What is the largest thing in the picture?",
        "Which thing takes up the most room?",
        "Name the thing that is drawn largest.",
    ),
    "zh": ("哪样东西画得最大？", "图中最大的是什么？", "占地方最多的是哪样东西？", "请说出图里画得最大的东西。"),
}
SMALLEST: Wordings = {
    "en": (
        "Which thing is drawn smallest?",
        "What is the smallest thing in the picture?",
        "Which thing takes up the least room?",
        "Name the thing that is drawn smallest.",
    ),
    "zh": ("哪样东西画得最小？", "图中最小的是什么？", "占地方最少的是哪样东西？", "请说出图里画得最小的东西。"),
}
HALF: Wordings = {
    "en": (
        "{does_do} {definite} take up more than half of the picture's height?",
        "{is_are} {definite} taller than half of the picture?",
        "{does_do} {definite} fill over half of the height?",
        "Is the height of {definite} more than half that of the picture?",
    ),
    "zh": (
        "{definite}的高度超过图片高度的一半吗？",
        "{definite}占到图片高度的一半以上了吗？",
        "{definite}比图片高度的一半还高吗？",
        "{definite}的高度超过画面的一半了吗？",
    ),
}
REALLY: Wordings = {
    "en": (
        "Which is larger in reality: {one} or {other}?",
        "In real life, what is bigger, {one} or {other}?",
        "Which of {one} and {other} is really the larger one?",
        "Apart from how they are drawn: what is bigger, {one} or {other}?",
    ),
    "zh": (
        "现实中{one}和{other}哪个更大？",
        "在现实生活中，{one}大还是{other}大？",
        "不管画得多大，{one}和{other}实际上哪个大？",
        "真实的{one}和{other}相比，哪个更大？",
    ),
}
CARD: Wordings = {
    "en": (
        "What colour is the card behind {definite}?",
        "What colour is the card that {definite} {is_are} on?",
        "Which colour is behind {definite}?",
        "Name the colour of the card with {definite}.",
    ),
    "zh": (
        "{definite}后面的卡片是什么颜色？",
        "{definite}放在什么颜色的卡片上？",
        "{definite}的背景卡片是哪种颜色？",
        "请说出{definite}那张卡片的颜色。",
    ),
}
ON_CARD: Wordings = {
    "en": (
        "What is on the {colour} card?",
        "Which thing lies on the {colour} card?",
        "What does the {colour} card show?",
        "Name the thing on the {colour} card.",
    ),
    "zh": (
        "{colour}卡片上是什么？",
        "{colour}的卡片上放着什么？",
        "哪样东西在{colour}卡片上？",
        "请说出{colour}卡片上的东西。",
    ),
}
CARD_COUNT: Wordings = {
    "en": (
        "How many cards are {colour}?",
        "How many {colour} cards are there?",
        "Count the {colour} cards.",
        "What is the number of {colour} cards?",
    ),
    "zh": (
        "有几张{colour}的卡片？",
        "{colour}卡片一共有几张？",
        "请数一数{colour}的卡片。",
        "图里有多少张{colour}卡片？",
    ),
}
ODD: Wordings = {
    "en": (
        "Which thing does not belong with the others?",
        "Which is the odd one out?",
        "Find the odd one out.",
        "One of these does not fit: which one?",
    ),
    "zh": ("哪一个与其他的不同类？", "找出与众不同的那一个。", "哪样东西不合群？", "其中有一个不属于同类，是哪一个？"),
}
ODD_ANSWER: Wordings = {
    "en": ("{phrase}; the others are {rest}.",),
    "zh": ("{phrase}；其他的都是{rest}。",),
}
NOT_A: Wordings = {
    "en": (
        "Which of these is not {category}?",
        "Name the thing that is not {category}.",
        "One thing here is not {category}: what is it?",
        "What in this picture is not {category}?",
    ),
    "zh": (
        "哪一个不是{category}？",
        "请说出不属于{category}的那一个。",
        "其中有一样不是{category}，是什么？",
        "图里什么东西不是{category}？",
    ),
}
COMMON: Wordings = {
    "en": (
        "What do all these things have in common?",
        "What is the theme of the picture?",
        "What kind of things are these?",
        "What do the things shown share?",
    ),
    "zh": ("这些东西有什么共同点？", "这张图的主题是什么？", "这些都是什么类型的东西？", "图中的东西共同属于哪一类？"),
}
COMMON_ANSWER: Wordings = {"en": ("They are all {category}.",), "zh": ("它们都是{category}。",)}
DESCRIBE: Wordings = {
    "en": (
        "Describe the picture.",
        "What does the picture show?",
        "Describe this image in one sentence.",
        "Write a caption for this picture.",
        "What is in the picture?",
    ),
    "zh": (
        "请描述这张图片。",
        "图片里有什么？",
        "用一句话描述这张图。",
        "请给这张图片写一句说明。",
        "图里画了些什么？",
    ),
}
ABSENT: Wordings = {
    "en": (
        "What is next to {definite}?",
        "Where {is_are} {definite}?",
        "How large {is_are} {definite} in the picture?",
        "Which thing is above {definite}?",
        "What colour {is_are} {definite}?",
    ),
    "zh": ("{zh}旁边是什么？", "{zh}在哪里？", "图里的{zh}有多大？", "{zh}的上面是什么？", "{zh}是什么颜色的？"),
}
NOT_THERE: Wordings = {"en": ("There is no {name} in the picture.",), "zh": ("图里没有{zh}。",)}
NOT_THERE_PLURAL: Wordings = {"en": ("There are no {name} in the picture.",), "zh": NOT_THERE["zh"]}
# Things of about the same real size; a thing of a later line is larger than any of an earlier one, whatever the breed or make.
REAL_SIZES = (
    ("ant", "bee", "ladybug", "fly", "mosquito", "pill", "coin", "paper clip", "ring", "die", "strawberry", "safety pin", "chestnut"),
    ("apple", "orange", "cup of coffee", "book", "mobile phone", "hammer", "doughnut", "camera", "alarm clock", "hamster", "teapot", "hamburger"),
    ("wolf", "pig", "sheep", "bicycle", "bed", "couch", "bathtub", "motorcycle", "door", "kangaroo", "lion", "shopping cart"),
    ("house", "castle", "ship", "ferris wheel", "volcano", "mountain", "factory", "office building", "hospital", "stadium", "roller coaster"),
)  # fmt: skip
