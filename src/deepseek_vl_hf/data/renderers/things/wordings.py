"""How pictures of one thing are asked about: wordings by language, with their fields in braces."""

Wordings = dict[str, tuple[str, ...]]

MAIN: Wordings = {"en": ("What is in the picture?",), "zh": ("图片里是什么？",)}
NAMING: Wordings = {
    "en": (
        "What is this?",
        "What does the picture show?",
        "What do you see here?",
        "What is shown in this image?",
        "Name the thing in the picture.",
        "What has been drawn here?",
        "Can you tell me what this is?",
        "Identify what is in this image.",
    ),
    "zh": (
        "这是什么？",
        "图中画的是什么？",
        "你在图片里看到了什么？",
        "这张图展示了什么？",
        "请说出图中事物的名称。",
        "请问图上是什么？",
        "这张图片里有什么东西？",
        "请辨认图中的内容。",
    ),
}
GUESS: Wordings = {
    "en": (
        "Is this {guess}?",
        "Is it {guess} that you see here?",
        "Does the picture show {guess}?",
        "Would you say that this is {guess}?",
    ),
    "zh": ("这是{guess}吗？", "图里的是{guess}吗？", "这张图片画的是{guess}吗？", "你看到的是{guess}吗？"),
}
GUESS_PLURAL: Wordings = {
    "en": (
        "Are these {guess}?",
        "Does the picture show {guess}?",
        "Do you see {guess} here?",
        "Would you say that these are {guess}?",
    ),
    "zh": GUESS["zh"],
}
YES: Wordings = {"en": ("Yes, {phrase}.",), "zh": ("是的，是{phrase}。",)}
NO: Wordings = {"en": ("No, {it_is} {phrase}.",), "zh": ("不是，这是{phrase}。",)}
CHOICE: Wordings = {
    "en": (
        "Is this {one} or {other}?",
        "What is it: {one} or {other}?",
        "Which of the two is shown: {one} or {other}?",
        "{one} or {other}: what does the picture show?",
    ),
    "zh": (
        "这是{one}还是{other}？",
        "图里的是{one}还是{other}？",
        "图片里画的是{one}，还是{other}？",
        "请判断：这是{one}还是{other}？",
    ),
}
CATEGORY: Wordings = {
    "en": (
        "What kind of thing is it?",
        "What sort of thing does the picture show?",
        "Which category does the thing in the picture belong to?",
        "What type of thing is this?",
    ),
    "zh": ("它属于哪一类？", "图中的东西属于什么类别？", "这是哪一类事物？", "请给图中的事物归个类。"),
}
IS_CATEGORY: Wordings = {
    "en": (
        "Is it {category}?",
        "Is what you see here {category}?",
        "Does the picture show {category}?",
        "Would you call this {category}?",
    ),
    "zh": ("它是{category}吗？", "图里的东西属于{category}吗？", "这算{category}吗？", "图中的事物是不是{category}？"),
}
USE: Wordings = {
    "en": (
        "What is this used for?",
        "What do people use this for?",
        "What is the purpose of what you see?",
        "What can one do with the thing in the picture?",
    ),
    "zh": ("它是用来做什么的？", "人们用它来干什么？", "图里的东西有什么用途？", "图中的物品有什么作用？"),
}
LEGS: Wordings = {
    "en": (
        "How many legs does an animal of this kind have?",
        "How many legs does the animal in the picture normally have?",
        "What is the number of legs of such an animal?",
        "On how many legs does this kind of animal go?",
    ),
    "zh": ("这种动物有几条腿？", "图中这种动物一般有几条腿？", "像这样的动物长着几条腿？", "请问这种动物的腿有几条？"),
}
WHEELS: Wordings = {
    "en": (
        "How many wheels does such a vehicle have?",
        "How many wheels does this kind of vehicle usually have?",
        "On how many wheels does it drive?",
        "What is its usual number of wheels?",
    ),
    "zh": ("这种车有几个轮子？", "这种车通常有几个车轮？", "图中这种交通工具一般有几个轮子？", "请问它有几个轮子？"),
}
FLIES: Wordings = {
    "en": ("Can it fly?", "Is it able to fly?", "Can what you see here fly?", "Does it fly through the air?"),
    "zh": ("它会飞吗？", "它会在天上飞吗？", "图里的这个会飞吗？", "这样的东西会飞吗？"),
}
WATER: Wordings = {
    "en": (
        "Does it live in water?",
        "Is water where this animal lives?",
        "Does an animal of this kind live in water?",
        "Is it an animal that lives in water?",
    ),
    "zh": ("它是生活在水里的吗？", "这种动物是住在水里的吗？", "图中的动物是在水里生活的吗？", "它是水生动物吗？"),
}
ALIVE: Wordings = {
    "en": (
        "Is it a living thing?",
        "Is what the picture shows a living thing?",
        "Is this something that lives and grows?",
        "Does it belong to living nature?",
    ),
    "zh": ("它是生物吗？", "图里的是有生命的东西吗？", "这是一种生物吗？", "图中的事物是不是生物？"),
}
EATEN: Wordings = {
    "en": (
        "Can one eat it?",
        "Is it something to eat?",
        "Do people eat this?",
        "Is what you see here food for people?",
    ),
    "zh": ("它能吃吗？", "这东西人能吃吗？", "图里的东西能吃吗？", "人能吃它吗？"),
}
ELECTRIC: Wordings = {
    "en": (
        "Does it need electricity?",
        "Does it run on electricity?",
        "Does this work with electric power?",
        "Is electricity needed to use it?",
    ),
    "zh": ("它需要用电吗？", "使用它需要电吗？", "图里的东西需要通电吗？", "它工作时需要电吗？"),
}
ANIMAL_GROUP: Wordings = {
    "en": (
        "Which class of animals does it belong to?",
        "Is it a mammal, a bird, a fish, an insect or something else?",
        "What kind of animal is it in biology: a mammal, a bird, a reptile, an insect or another?",
        "How would a biologist classify this animal?",
    ),
    "zh": (
        "它属于哪一类动物？",
        "它是哺乳动物、鸟类、鱼类、昆虫，还是别的？",
        "从生物学上看，这是哪类动物？",
        "图中的动物在生物学上怎么归类？",
    ),
}
FOOD_GROUP: Wordings = {
    "en": (
        "Is it a fruit or a vegetable?",
        "Does the picture show a fruit or a vegetable?",
        "Would you call this food a fruit or a vegetable?",
        "Fruit or vegetable: which is it?",
    ),
    "zh": ("它是水果还是蔬菜？", "图里的是水果还是蔬菜？", "这种食物算水果还是蔬菜？", "请判断：这是水果还是蔬菜？"),
}
VEHICLE_GROUP: Wordings = {
    "en": (
        "Where does such a vehicle travel?",
        "Where does it go: on land, on rails, on water, in the air or in space?",
        "Where would you see this vehicle move?",
        "Where is this vehicle used?",
    ),
    "zh": (
        "这种交通工具在哪里行驶？",
        "它是在陆地上、轨道上、水上、空中还是太空中行进的？",
        "这种交通工具用在哪里？",
        "图中的交通工具在什么地方运行？",
    ),
}
MUSIC_GROUP: Wordings = {
    "en": (
        "What kind of musical instrument is it?",
        "Is it a string, a wind or a percussion instrument?",
        "Which family of instruments does it belong to?",
        "How would a musician classify this instrument?",
    ),
    "zh": ("它是哪一类乐器？", "它是弦乐器、管乐器还是打击乐器？", "这件乐器属于哪一类？", "图中的乐器怎么归类？"),
}
FEELING: Wordings = {
    "en": (
        "How does this face feel?",
        "Which mood does the face express?",
        "What feeling does the picture convey?",
        "How would you describe the mood of this face?",
    ),
    "zh": (
        "这张脸表达了什么心情？",
        "这个表情是什么情绪？",
        "图中的表情传达出怎样的感受？",
        "你觉得这张脸现在是什么感觉？",
    ),
}
COLOUR: Wordings = {
    "en": (
        "What colour {is_are} {definite}?",
        "Which colour {does_do} {definite} have?",
        "What is the colour of {definite}?",
        "In which colour {is_are} {definite} drawn?",
    ),
    "zh": ("它是什么颜色的？", "{definite}是什么颜色？", "图中的{definite}是哪种颜色？", "{definite}画成了什么颜色？"),
}
CARD: Wordings = {
    "en": (
        "What colour is the {shape} behind {definite}?",
        "Which colour does the {shape} behind {definite} have?",
        "What colour is the {shape} that {definite} {is_are} on?",
        "Name the colour of the {shape} behind {definite}.",
    ),
    "zh": (
        "{definite}后面的{shape}是什么颜色？",
        "{definite}背后的{shape}是哪种颜色？",
        "{definite}放在什么颜色的{shape}上？",
        "请说出{definite}后面{shape}的颜色。",
    ),
}
SHAPE: Wordings = {
    "en": (
        "What shape lies behind {definite}?",
        "Which shape {is_are} {definite} drawn on?",
        "Is there a circle or a square behind {definite}?",
        "What is the shape behind {definite}?",
    ),
    "zh": (
        "{definite}后面是什么形状？",
        "{definite}画在什么形状上？",
        "{definite}后面是圆形还是方形？",
        "{definite}背后的形状是什么？",
    ),
}
PLACE: Wordings = {
    "en": (
        "Where in the picture {is_are} {definite}?",
        "In which part of the picture {is_are} {definite}?",
        "Where {is_are} {definite} placed in the image?",
        "Which part of the picture holds {definite}?",
    ),
    "zh": (
        "{definite}在图片的什么位置？",
        "{definite}位于图中的哪个部分？",
        "{definite}放在画面的哪里？",
        "请说出{definite}在图里的位置。",
    ),
}
DESCRIBE: Wordings = {
    "en": (
        "Describe the picture.",
        "Describe this image in one sentence.",
        "Write a caption for this picture.",
        "Say in one sentence what the picture shows.",
        "Give a short description of the image.",
    ),
    "zh": (
        "请描述这张图片。",
        "用一句话描述这张图。",
        "请给这张图片写一句说明。",
        "请简单说说图片的内容。",
        "请为这张图配一句文字说明。",
    ),
}
PROMPT: Wordings = {
    "en": (
        "Write a prompt from which this picture could be drawn.",
        "Which prompt would give such a picture?",
        "Give me a short text-to-image prompt for this picture.",
        "How would you ask an image generator for this picture?",
    ),
    "zh": (
        "请写一条能画出这张图的提示词。",
        "想生成这样的图片，提示词怎么写？",
        "请给出这张图的文生图提示词。",
        "如果让绘图模型画出这张图，该怎么描述？",
    ),
}
ABSENT: Wordings = {
    "en": (
        "Where {is_are} {absent_definite}?",
        "What colour {is_are} {absent_definite} in the picture?",
        "What is behind {absent_definite}?",
        "Describe {absent_definite} in the picture.",
        "How large {is_are} {absent_definite}?",
    ),
    "zh": (
        "图里的{absent}在哪里？",
        "图中的{absent}是什么颜色的？",
        "{absent}的后面是什么？",
        "请描述图片里的{absent}。",
        "图里的{absent}有多大？",
    ),
}
NOT_THERE: Wordings = {
    "en": ("The picture does not show {absent}; it shows {phrase}.",),
    "zh": ("图里没有{absent}，图里的是{phrase}。",),
}
SHAPES = {"square": ("square", "正方形"), "rounded": ("square", "正方形"), "circle": ("circle", "圆形")}
PLACES = {
    (0, 0): ("in the upper left", "左上方"),
    (1, 0): ("at the top", "上方"),
    (2, 0): ("in the upper right", "右上方"),
    (0, 1): ("on the left", "左边"),
    (1, 1): ("in the middle", "中间"),
    (2, 1): ("on the right", "右边"),
    (0, 2): ("in the lower left", "左下方"),
    (1, 2): ("at the bottom", "下方"),
    (2, 2): ("in the lower right", "右下方"),
}
GROUPS = {
    "mammal": ("a mammal", "哺乳动物"),
    "bird": ("a bird", "鸟类"),
    "fish": ("a fish", "鱼类"),
    "insect": ("an insect", "昆虫"),
    "reptile": ("a reptile", "爬行动物"),
    "amphibian": ("an amphibian", "两栖动物"),
    "arachnid": ("an arachnid", "蛛形纲动物"),
    "crustacean": ("a crustacean", "甲壳动物"),
    "mollusc": ("a mollusc", "软体动物"),
    "fruit": ("a fruit", "水果"),
    "vegetable": ("a vegetable", "蔬菜"),
    "land": ("on land", "在陆地上"),
    "rails": ("on rails", "在轨道上"),
    "water": ("on water", "在水上"),
    "air": ("in the air", "在空中"),
    "space": ("in space", "在太空中"),
    "string": ("a string instrument", "弦乐器"),
    "wind": ("a wind instrument", "管乐器"),
    "percussion": ("a percussion instrument", "打击乐器"),
}
# What a bare yes or no to a wording is in Chinese, where the verb of the question is said again.
ZH_REPLIES = {
    "there": ("没有。", "有。"),
    "half": ("没有。", "是的。"),
    "flies": ("不会。", "会。"),
    "eaten": ("不能。", "能。"),
    "electric": ("不需要。", "需要。"),
}
