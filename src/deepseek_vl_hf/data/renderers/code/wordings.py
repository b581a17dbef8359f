"""What is asked about pictures of code, in both languages."""

READ = {"en": "Read the text.", "zh": "读出文字。"}
TRANSCRIBE = {
    "en": (
        "Transcribe the code.",
        "Write the code in the picture as a code block.",
        "Convert this picture of code to text.",
        "What code is shown? Copy it exactly, with its indentation.",
        "Type out the source code in the picture.",
        "Give the code as a fenced block, without line numbers.",
    ),
    "zh": (
        "请转写图中的代码。",
        "把图中的代码写成代码块。",
        "将这张代码图片转换成文本。",
        "图中是什么代码？请照原样写出，保留缩进。",
        "把图里的源代码打出来。",
        "用代码块给出这段代码，不要行号。",
    ),
}
LINE = {
    "en": (
        "What is on line {number}?",
        "Read line {number} of the code.",
        "What code is on line {number}?",
        "Copy line {number}.",
        "What does line {number} say?",
    ),
    "zh": ("第 {number} 行是什么？", "读出第 {number} 行代码。", "第 {number} 行写了什么？", "抄写第 {number} 行。", "代码的第 {number} 行是什么内容？"),
}  # fmt: skip
LANGUAGE = {
    "en": (
        "Which programming language is this?",
        "What language is the code written in?",
        "Name the language of this code.",
        "In which language is this source written?",
    ),
    "zh": (
        "这是什么编程语言？",
        "这段代码是用什么语言写的？",
        "说出这段代码所用的语言。",
        "图中的源代码属于哪种语言？",
    ),
}
LINES = {
    "en": (
        "How many lines of code are shown, blank ones included?",
        "Count the lines of code, including blank lines.",
        "How many lines does the code have, counting blank ones?",
        "How many lines long is the code, with its blank lines?",
    ),
    "zh": (
        "代码一共有多少行（包括空行）？",
        "数一数代码的行数，空行也算。",
        "算上空行，这段代码有几行？",
        "包括空行在内，图中代码共多少行？",
    ),
}
DEFINED = {
    "en": (
        "What is the name of the function that is defined here?",
        "Which function does this code define?",
        "Name the function defined in the picture.",
        "What is the function called?",
    ),
    "zh": (
        "这里定义的函数叫什么名字？",
        "这段代码定义了哪个函数？",
        "说出图中定义的函数名。",
        "这个函数的名称是什么？",
    ),
}
OUTPUT = {
    "en": (
        "What does this program print?",
        "What is the output of this code?",
        "Run the program in your head. What does it print?",
        "Which output does this Python code produce?",
        "What is printed when the program runs?",
        "Give the output of the program.",
    ),
    "zh": (
        "这个程序输出什么？",
        "这段代码的运行结果是什么？",
        "在脑中运行这个程序，它会打印什么？",
        "这段 Python 代码会输出什么？",
        "程序运行后会打印出什么？",
        "写出程序的输出。",
    ),
}
FILE = {
    "en": ("What is the file called?", "Which file is shown?", "What is the name of the file?", "Read the file name."),
    "zh": ("文件叫什么名字？", "图中显示的是哪个文件？", "文件名是什么？", "读出文件名。"),
}
NO_LINE = {
    "en": ("There is no line {number}; the picture shows lines {first} to {last}.",),
    "zh": ("没有第 {number} 行，图中只有第 {first} 行到第 {last} 行。",),
}
NO_CLASS = {
    "en": (
        ("What is the class in this code called?", "Which class does the code define?"),
        "The code defines no class.",
    ),
    "zh": (("这段代码里的类叫什么名字？", "代码定义了哪个类？"), "这段代码没有定义类。"),
}
NO_IMPORT = {
    "en": (("Which module does the code import?", "What is imported here?"), "The code shown imports nothing."),
    "zh": (("这段代码导入了哪个模块？", "这里导入了什么？"), "图中的代码没有导入任何东西。"),
}
TITLES = {
    "en": ("Example", "How it works", "A closer look", "Live coding", "What happens here?", "Step by step", "Code review",
           "Source code", "Exercise", "In practice", "Homework", "Quiz"),
    "zh": ("示例", "代码讲解", "源代码", "动手练习", "这段代码做什么？", "逐步分析", "代码评审", "课堂演示", "实践", "课后作业", "小测验", "案例分析"),
}  # fmt: skip
