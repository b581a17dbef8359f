"""What is asked about formulas, in both languages."""

LATEX = {
    "en": (
        "Write the formula in LaTeX.",
        "Convert this formula to LaTeX.",
        "What is the LaTeX code of this formula?",
        "Give the LaTeX source of the formula in the picture.",
        "Transcribe the formula as LaTeX.",
        "Turn the formula into LaTeX code.",
    ),
    "zh": (
        "请用 LaTeX 写出这个公式。",
        "把图中的公式转换成 LaTeX。",
        "这个公式的 LaTeX 代码是什么？",
        "给出图中公式的 LaTeX 源码。",
        "将公式转写为 LaTeX 代码。",
        "识别公式，输出 LaTeX。",
    ),
}
LATEX_ALL = {
    "en": (
        "Write all formulas in LaTeX, one per line.",
        "Convert every formula in the picture to LaTeX, each on its own line.",
        "Give the LaTeX of the formulas from top to bottom, one per line.",
        "Transcribe the formulas as LaTeX, line by line.",
    ),
    "zh": (
        "请用 LaTeX 写出所有公式，每行一个。",
        "把图中的每个公式转换成 LaTeX，一行一个。",
        "从上到下给出各公式的 LaTeX，每行一个。",
        "逐行把公式转写为 LaTeX。",
    ),
}
LATEX_NUMBERED = {
    "en": (
        "Write formula {number} in LaTeX.",
        "What is the LaTeX of formula {number}?",
        "Convert the formula numbered {number} to LaTeX.",
        "Give the LaTeX source of formula {number}.",
    ),
    "zh": (
        "请用 LaTeX 写出公式 {number}。",
        "公式 {number} 的 LaTeX 是什么？",
        "把编号为 {number} 的公式转换成 LaTeX。",
        "给出公式 {number} 的 LaTeX 源码。",
    ),
}
PAGE = {
    "en": (
        "Transcribe the page as Markdown, with formulas in LaTeX between $$.",
        "Write down everything in the picture; put formulas in LaTeX between double dollar signs.",
        "Convert this page to Markdown with LaTeX formulas ($$...$$).",
        "Give the content of the page as Markdown, formulas as $$LaTeX$$.",
    ),
    "zh": (
        "把这一页转写成 Markdown，公式用 $$ 括起来的 LaTeX 表示。",
        "写出图中的全部内容，公式用双美元符号括起来的 LaTeX 表示。",
        "将此页转换为带 LaTeX 公式（$$...$$）的 Markdown。",
        "以 Markdown 给出页面内容，公式写成 $$LaTeX$$。",
    ),
}
COUNT = {
    "en": ("How many formulas are there?", "Count the formulas.", "How many formulas does the picture show?",
           "What is the number of formulas in the picture?"),
    "zh": ("有几个公式？", "数一数图中有多少个公式。", "图中一共有几个公式？", "这张图里列出了多少个公式？"),
}  # fmt: skip
ABSENT = {
    "en": ("There is no formula {number} in the picture; the number of formulas in it is {count}.",),
    "zh": ("图中没有公式 {number}，一共只有 {count} 个公式。",),
}
ABSENT_KIND = {
    "en": (
        ("What does the matrix in the picture contain?", "There is no matrix in the picture."),
        ("What are the limits of the integral?", "There is no integral in the picture."),
        ("Which sum is written with a sigma sign?", "There is no sum sign in the picture."),
        ("What is under the root sign?", "There is no root sign in the picture."),
    ),
    "zh": (
        ("图中的矩阵有哪些元素？", "图中没有矩阵。"),
        ("积分的上下限是什么？", "图中没有积分。"),
        ("图中用求和号表示的是什么和？", "图中没有求和号。"),
        ("根号下面是什么？", "图中没有根号。"),
    ),
}
ABSENT_SIGNS = (("matrix",), (r"\int",), (r"\sum",), (r"\sqrt",))  # what each of them would show in the LaTeX
# What stands above a problem; {sets} and {call} as in the questions.
HEADINGS = {
    "arithmetic": {"en": ("Calculate.", "Work out:", "Evaluate."), "zh": ("计算：", "求值：", "算一算。")},
    "linear": {"en": ("Solve the equation.", "Solve for {letter}."), "zh": ("解方程：", "求 {letter} 的值。")},
    "system": {"en": ("Solve the system.", "Solve:"), "zh": ("解方程组：", "解下列方程组。")},
    "quadratic": {"en": ("Find all roots.", "Solve the equation."), "zh": ("求方程的根。", "解方程：")},
    "at": {"en": ("Find {call}.",), "zh": ("求 {call}。",)},
    "slope": {"en": ("Differentiate.", "Find {call}."), "zh": ("求导数。", "求 {call}。")},
    "determinant": {"en": ("Evaluate the determinant.",), "zh": ("计算行列式。",)},
    "sets": {"en": ("Find {sets}.",), "zh": ("求 {sets}。",)},
    "total": {"en": ("Evaluate the sum.",), "zh": ("求和。",)},
}
PROBLEM = {
    "arithmetic": {
        "en": ("What is the result?", "Calculate the expression.", "What is the value of the expression?",
               "Work it out."),
        "zh": ("结果是多少？", "计算这个式子。", "这个式子的值是多少？", "请算出答案。"),
    },
    "linear": {
        "en": ("Solve the equation.", "What is {letter}?", "Which value of {letter} solves the equation?",
               "Solve for {letter}."),
        "zh": ("解这个方程。", "{letter} 等于多少？", "{letter} 取什么值时方程成立？", "求 {letter}。"),
    },
    "system": {
        "en": ("Solve the system of equations.", "What is the solution of the system?",
               "Which values satisfy both equations?", "Find both unknowns."),
        "zh": ("解这个方程组。", "方程组的解是什么？", "哪组值同时满足两个方程？", "求出两个未知数。"),
    },
    "quadratic": {
        "en": ("Solve the equation.", "What are the roots of the equation?", "Find all values of {letter}.",
               "For which {letter} does the equation hold?"),
        "zh": ("解这个方程。", "方程的根是什么？", "求 {letter} 的所有值。", "{letter} 为何值时方程成立？"),
    },
    "at": {
        "en": ("What is {call}?", "Find {call}.", "Calculate {call}.", "What is the value of {call}?"),
        "zh": ("{call} 等于多少？", "求 {call}。", "计算 {call}。", "{call} 的值是多少？"),
    },
    "slope": {
        "en": ("What is {call}?", "Find the derivative.", "Differentiate the function.", "Give {call} in LaTeX."),
        "zh": ("{call} 是什么？", "求导函数。", "对这个函数求导。", "用 LaTeX 写出 {call}。"),
    },
    "determinant": {
        "en": ("What is the determinant?", "Calculate the determinant.", "What is its value?",
               "Evaluate the determinant."),
        "zh": ("行列式的值是多少？", "计算这个行列式。", "它等于多少？", "求行列式的值。"),
    },
    "sets": {
        "en": ("What is {sets}?", "Find {sets}.", "Which elements does {sets} have? Write it as a set.",
               "Determine {sets}."),
        "zh": ("{sets} 是什么？", "求 {sets}。", "{sets} 有哪些元素？写成集合。", "写出 {sets}。"),
    },
    "total": {
        "en": ("What is the sum?", "Evaluate the sum.", "Calculate this sum.", "What does the sum come to?"),
        "zh": ("和是多少？", "计算这个和。", "求这个和式的值。", "求和的结果是多少？"),
    },
}  # fmt: skip
WORKING = {
    "en": (
        "Show your working.",
        "Solve it step by step.",
        "How do you get the result?",
        "Give the working and the result.",
    ),
    "zh": ("写出过程。", "请分步求解。", "结果是怎么得到的？", "写出计算过程和结果。"),
}
SO = {"en": ("{working}, so the answer is {answer}.",), "zh": ("{working}，所以答案是 {answer}。",)}
