"""A key comes in, a sentence of the interface goes out, in English or Chinese; all that the demo says stands here.

What stands on the page changes with the page's language, in the browser; what Python says, `say` looks up.
"""

import gradio as gr


LANGUAGES = {"en": "English", "zh": "中文"}
# Locales of a browser, and the language that they get; others get Gradio's fallback, English.
LOCALES = {"en": "en", "zh": "zh", "zh-CN": "zh", "zh-TW": "zh"}

WORDS: dict[str, dict[str, str]] = {
    "tab_chat": {"en": "Chat", "zh": "对话"},
    "tab_seen": {"en": "What the model sees", "zh": "模型看到了什么"},
    "language": {"en": "Language", "zh": "语言"},
    "conversation": {"en": "Conversation", "zh": "对话"},
    "new_chat": {"en": "New chat", "zh": "新对话"},
    "welcome": {
        "en": "## Ask about a picture\nAdd one with the paperclip, by dropping or pasting it, or start from an example.",
        "zh": "## 问一问图片\n点击回形针、拖放或粘贴来添加图片，也可以从下面的例子开始。",
    },
    "composer": {"en": "Question", "zh": "问题"},
    "composer_hint": {"en": "Ask about pictures", "zh": "就图片提问"},
    "notice_nano": {
        "en": "A tiny model to try the software with: it names one drawn thing or handwritten digit, in English, and is "
        "sure of itself even where it is wrong.",
        "zh": "这是一个用来试用软件的微型模型：只会用英语说出图画里的一样东西或一个手写数字，答错时也同样自信。",
    },
    "notice": {
        "en": "DeepSeek-VL can be wrong, and say so with confidence. Check what matters.",
        "zh": "DeepSeek-VL 可能出错，而且语气同样肯定。重要内容请自行核实。",
    },
    "about": {"en": "About this model", "zh": "关于这个模型"},
    "about_nano": {
        "en": "**It can** name 254 kinds of things in drawings and the ten handwritten digits, say what kind of thing it "
        "is, and answer yes-or-no guesses. About nine in ten unseen pictures are named right.\n\n**It cannot** "
        "recognise photographs, read text, count, say where a thing is, converse, or speak another language than "
        "English. Asked about anything else, it names something it knows.",
        "zh": "**它会**：说出图画里 254 种东西和十个手写数字的英语名称，说出属于哪一类，回答“是不是”的猜测。"
        "没见过的图片大约十张能答对九张。\n\n**它不会**：认照片、读文字、数数、说位置、聊天，也不懂英语以外的语言。"
        "问到别的东西，它会说出一个自己认识的名称。",
    },
    "about_any": {
        "en": "**It can** describe pictures, compare several, read text, tables, charts and formulas, and answer in "
        "English or Chinese.\n\n**It cannot** be relied on: it may invent details, misread small print, miscount, "
        "or repeat prejudices of its training data. It knows nothing of recent events, and is not for medical, legal "
        "or other decisions about people.",
        "zh": "**它会**：描述图片、比较多张图片，阅读文字、表格、图表和公式，用中文或英语回答。\n\n**它不可靠之处**："
        "可能编造细节、看错小字、数错数量，或重复训练数据中的偏见。它不了解近期的事情，不能用于医疗、法律等与人有关的决定。",
    },
    "about_privacy": {
        "en": "Pictures stay on the server for a day. Please upload nothing private.",
        "zh": "图片会在服务器上保留一天。请不要上传私密内容。",
    },
    "settings": {"en": "Settings", "zh": "设置"},
    "system": {"en": "System prompt", "zh": "系统提示"},
    "system_hint": {"en": "Empty: the model's own", "zh": "留空则使用模型自带的提示"},
    "temperature": {"en": "Temperature", "zh": "温度"},
    "temperature_info": {"en": "0 takes the likeliest word each time", "zh": "为 0 时每次都取最可能的词"},
    "top_p": {"en": "Top-p", "zh": "Top-p"},
    "top_p_info": {
        "en": "Draw from the likeliest words that hold this probability",
        "zh": "只从累计概率达到此值的词中抽取",
    },
    "repetition_penalty": {"en": "Repetition penalty", "zh": "重复惩罚"},
    "repetition_penalty_info": {
        "en": "Above 1, words that were there before are less likely",
        "zh": "大于 1 时，已出现过的词更少重复",
    },
    "max_new_tokens": {"en": "Longest answer, in tokens", "zh": "回答最多的 token 数"},
    "seed": {"en": "Seed", "zh": "随机种子"},
    "seed_hint": {"en": "Empty: each answer is drawn anew", "zh": "留空则每次重新抽取"},
    "seen_intro": {
        "en": "Each tower of the model gets the picture as a square. Choose a word of the last answer to see where in the "
        "picture it looked: pale yellow most, black least. Attention is a hint at what an answer rests on, and no proof.",
        "zh": "模型的每个视觉塔看到的都是一个正方形。选择最后一个回答中的一个词，就能看到它在图片中关注的位置："
        "淡黄色最多，黑色最少。注意力只是线索，并不能证明回答的依据。",
    },
    "seen_empty": {
        "en": "Ask about a picture in the chat first; then see here what the model saw.",
        "zh": "请先在对话中就一张图片提问，然后在这里看模型看到了什么。",
    },
    "seen_words": {"en": "Words of the answer", "zh": "回答中的词"},
    "seen_heat": {"en": "Where the word looked", "zh": "这个词关注的位置"},
    "seen_squares": {"en": "What the towers get", "zh": "视觉塔得到的图像"},
    "figures": {"en": "{seconds:.1f} s · {tokens} tokens", "zh": "{seconds:.1f} 秒 · {tokens} 个 token"},
    "left_out": {"en": " · {turns} earlier turns no longer fit", "zh": " · 前 {turns} 轮已放不下"},
    "pixels": {"en": "{tower}, {size} × {size} pixels", "zh": "{tower}，{size} × {size} 像素"},
    "no_question": {"en": "Ask in at least one word.", "zh": "请至少输入一个词。"},
    "question_too_long": {
        "en": "The question has {found} characters; at most {limit} are read. Shorten it.",
        "zh": "问题有 {found} 个字符，最多 {limit} 个，请缩短。",
    },
    "history_too_long": {
        "en": "The history has {found} characters; at most {limit} are read. Start anew.",
        "zh": "对话记录有 {found} 个字符，最多 {limit} 个，请重新开始。",
    },
    "too_many_pictures": {
        "en": "Found {found} pictures for one question, expected at most {limit}; take some away.",
        "zh": "一个问题有 {found} 张图片，最多 {limit} 张，请去掉一些。",
    },
    "too_many_in_chat": {
        "en": "This conversation would have {found} pictures, expected at most {limit}; start a new chat.",
        "zh": "这个对话将有 {found} 张图片，最多 {limit} 张，请开始新对话。",
    },
    "not_a_picture": {
        "en": "{name} is no picture that can be read; use PNG, JPEG, WEBP, GIF or BMP.",
        "zh": "无法读取 {name}，请使用 PNG、JPEG、WEBP、GIF 或 BMP 图片。",
    },
    "damaged": {"en": "{name} is damaged; save it again.", "zh": "{name} 已损坏，请重新保存。"},
    "too_large": {
        "en": "{name} has more than {limit} million pixels; scale it down first.",
        "zh": "{name} 超过 {limit} 百万像素，请先缩小。",
    },
    "not_uploaded": {
        "en": "A picture was not uploaded here; upload its file. Addresses are not fetched.",
        "zh": "有图片不是从这里上传的，请上传文件；不会读取网址。",
    },
    "bad_history": {
        "en": "The history cannot be read; give a list of messages with role, user or assistant, and content, "
        "and a text in each question.",
        "zh": "无法读取对话记录，请给出带 role（user 或 assistant）和 content 的消息列表，每个问题都要有文字。",
    },
    "too_long": {
        "en": "The question and what comes before it have {found} tokens and the model reads {limit}; ask with fewer "
        "words or pictures, or shorten the system prompt.",
        "zh": "问题和它之前的内容共有 {found} 个 token，模型最多读取 {limit} 个，请减少文字或图片，或缩短系统提示。",
    },
    "failed": {
        "en": "The model failed to answer. Try again, or with a smaller picture or a shorter question.",
        "zh": "模型未能回答。请重试，或换小一些的图片、短一些的问题。",
    },
}


def say(language: str, key: str, **fields) -> str:
    """A sentence for the user.

    Args:
        language: "en" or "zh"; any other is taken for English, because it comes from the browser.
        key: Of `WORDS`.
        **fields: What stands in for the sentence's gaps.
    """
    words = WORDS[key]
    return words.get(language, words["en"]).format(**fields)


i18n = gr.I18n(
    **{locale: {key: words[language] for key, words in WORDS.items()} for locale, language in LOCALES.items()}
)


class Refused(ValueError):
    """Input that is not taken; the demo says why in the language of the page.

    Args:
        key: Of `WORDS`.
        **fields: What stands in for the sentence's gaps.
    """

    def __init__(self, key: str, **fields):
        super().__init__(say("en", key, **fields))
        self.key, self.fields = key, fields

    def __reduce__(self):
        return _refuse, (self.key, self.fields)


def _refuse(key: str, fields: dict) -> Refused:
    return Refused(key, **fields)
