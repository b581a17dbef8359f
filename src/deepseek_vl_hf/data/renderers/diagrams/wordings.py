"""What is asked about diagrams, in both languages."""

from collections.abc import Mapping


Wordings = Mapping[str, tuple[str, ...]]

MERMAID: Wordings = {
    "en": (
        "Convert the diagram to Mermaid code.",
        "Write Mermaid code for this diagram.",
        "What Mermaid code draws this diagram?",
        "Turn the picture into a Mermaid flowchart.",
        "Give the diagram as Mermaid.",
        "Reproduce the diagram in Mermaid syntax.",
    ),
    "zh": (
        "把这张图转换成 Mermaid 代码。",
        "请为这张图写出 Mermaid 代码。",
        "用 Mermaid 语法画出这张图。",
        "将图片转换为 Mermaid 流程图代码。",
        "这张图的 Mermaid 代码是什么？",
        "用 Mermaid 重现图中的内容。",
    ),
}
STEPS: Wordings = {
    "en": (
        "Write the flowchart as numbered steps, saying where each goes on.",
        "List all boxes of the flowchart with numbers, and where the arrows lead.",
        "Describe the flowchart as a numbered list with its arrows.",
        "Turn the flowchart into numbered lines with jumps.",
    ),
    "zh": (
        "把流程图写成带编号的步骤，并注明每一步之后去哪一步。",
        "给流程图的每个框编号列出，并写明箭头指向。",
        "用编号列表描述这个流程图及其箭头。",
        "将流程图转写为带跳转的编号步骤。",
    ),
}
AFTER: Wordings = {
    "en": (
        'What comes directly after "{text}"?',
        'Which box follows "{text}"?',
        'What happens right after "{text}"?',
        'Where does the arrow from "{text}" lead?',
    ),
    "zh": ("“{text}”之后紧接着是什么？", "“{text}”的下一步是什么？", "从“{text}”出发的箭头指向哪里？", "完成“{text}”后做什么？"),
}  # fmt: skip
IF: Wordings = {
    "en": (
        'What happens if the answer to "{text}" is {answer}?',
        'Where does "{answer}" at "{text}" lead?',
        'What comes next when "{text}" is answered with {answer}?',
        '"{text}" {answer}. What is next?',
    ),
    "zh": (
        "如果“{text}”的答案是“{answer}”，接下来做什么？",
        "在“{text}”处选“{answer}”会到哪一步？",
        "“{text}”回答“{answer}”时，下一步是什么？",
        "“{text}”的“{answer}”分支指向哪里？",
    ),
}
DECISIONS: Wordings = {
    "en": ("How many decisions does the flowchart have?", "Count the decisions.", "How many diamonds are there?",
           "How many questions does the flowchart ask?"),
    "zh": ("流程图里有几个判断？", "数一数判断框的数量。", "图中有几个菱形？", "这个流程图包含多少个判断？"),
}  # fmt: skip
FIRST: Wordings = {
    "en": ("What is the first thing after the start?", "What is done first?", "Which box comes first after the start?",
           "What does the process begin with?"),
    "zh": ("开始之后的第一步是什么？", "最先做什么？", "开始后首先进入哪个框？", "这个流程的第一步是什么？"),
}  # fmt: skip
ENDS: Wordings = {
    "en": ("Where can the process end?", "At which boxes does the flowchart end?", "Name every end of the flowchart.",
           "In which box does the process finish?"),
    "zh": ("流程在哪里结束？", "流程图有哪些结束框？", "写出流程图的所有终点。", "这个流程最后到哪里？"),
}  # fmt: skip
WAY: Wordings = {
    "en": (
        "Follow the flowchart from the start: {answers}. Which boxes do you pass, in order?",
        "Go through the flowchart with these answers: {answers}. List the boxes on the way.",
        "Suppose {answers}. Which way does the process take? Name all boxes in order.",
        "Trace the flowchart from start to end if {answers}.",
    ),
    "zh": (
        "从开始走流程：{answers}。依次经过哪些框？",
        "按下列答案走一遍流程：{answers}。列出经过的框。",
        "假设{answers}。流程怎么走？按顺序写出所有框。",
        "如果{answers}，请从头到尾追踪流程。",
    ),
}
ANSWERED = {"en": '"{text}" {answer}', "zh": "“{text}”{answer}"}
RESULT: Wordings = {
    "en": (
        "What is printed for {name} = {number}?",
        "The input is {number}. What is the output?",
        "Run the flowchart with {name} = {number}. What does it print?",
        "Which number comes out if {number} goes in?",
    ),
    "zh": (
        "当 {name} = {number} 时输出什么？",
        "输入 {number}，输出是多少？",
        "用 {name} = {number} 运行流程图，会打印什么？",
        "输入为 {number} 时，结果是多少？",
    ),
}
NO_BOX: Wordings = {
    "en": ('There is no box "{text}" in the diagram.',),
    "zh": ("图中没有“{text}”这个框。",),
}
BOSS: Wordings = {
    "en": ("Who does {name} report to?", "Who is {name}'s boss?", "To whom does {name} report?", "Who is directly above {name}?"),
    "zh": ("{name}向谁汇报？", "{name}的直接上级是谁？", "谁是{name}的上司？", "{name}的上一级是谁？"),
}  # fmt: skip
ROLE: Wordings = {
    "en": ("What is the position of {name}?", "What is {name}'s role?", "What job does {name} have?", "What does {name} do?"),
    "zh": ("{name}担任什么职务？", "{name}的职位是什么？", "{name}负责什么岗位？", "{name}是做什么的？"),
}  # fmt: skip
HOLDER: Wordings = {
    "en": ('Who has the position "{role}"?', 'Whose box says "{role}"?', 'Who is named as "{role}"?', "{role}: who is it?"),
    "zh": ("谁是{role}？", "{role}是谁？", "哪个人担任{role}？", "{role}由谁担任？"),
}  # fmt: skip
REPORTS: Wordings = {
    "en": ("How many people report directly to {name}?", "How many direct reports does {name} have?",
           "Count the people right below {name}.", "How many boxes hang directly from {name}?"),
    "zh": ("有几个人直接向{name}汇报？", "{name}有几个直接下属？", "{name}的下一级有几个人？", "{name}直接领导几个人？"),
}  # fmt: skip
PEOPLE_COUNT: Wordings = {
    "en": ("How many people are in the chart?", "Count all people in the organisation chart.", "How many boxes are there?",
           "How many people does the chart show?"),
    "zh": ("组织结构图中有多少人？", "图中一共有几个人？", "数一数图中有多少个框。", "这张组织结构图列出了多少人？"),
}  # fmt: skip
PARENT: Wordings = {
    "en": ('What stands directly above "{text}" in the tree?', 'Which group does "{text}" belong to?',
           'What is the parent of "{text}"?', 'Under which heading is "{text}"?'),
    "zh": ("“{text}”的上一级是什么？", "“{text}”属于哪一类？", "树中“{text}”的父节点是什么？", "“{text}”归在哪个类别之下？"),
}  # fmt: skip
CHILDREN: Wordings = {
    "en": ('What hangs directly below "{text}"? Name all of it.', 'List the children of "{text}".',
           'What belongs to "{text}"?', 'Which boxes are right below "{text}"?'),
    "zh": ("“{text}”的下一级有哪些？", "列出“{text}”的所有子节点。", "“{text}”包括哪些？", "直接属于“{text}”的有哪些？"),
}  # fmt: skip
LEAVES: Wordings = {
    "en": ("How many boxes have nothing below them?", "How many leaves does the tree have?", "Count the leaves of the tree.",
           "How many boxes are at the end of a branch?"),
    "zh": ("有多少个框下面没有内容？", "这棵树有几个叶节点？", "数一数叶节点的个数。", "有几个框位于分支的末端？"),
}  # fmt: skip
LINKED: Wordings = {
    "en": ("What is {name} directly connected to?", "Name everything that a line joins to {name}.",
           "Which neighbours does {name} have?", "List what is linked directly to {name}."),
    "zh": ("{name}直接与哪些相连？", "写出与{name}有连线的所有点。", "{name}有哪些相邻点？", "列出与{name}直接连接的对象。"),
}  # fmt: skip
DEGREE: Wordings = {
    "en": ("How many lines meet at {name}?", "How many direct connections does {name} have?",
           "Count the connections of {name}.", "How many lines lead to {name}?"),
    "zh": ("{name}有几条连线？", "有几条线连到{name}？", "数一数{name}的直接连接数。", "{name}处有几条线相交？"),
}  # fmt: skip
LENGTH: Wordings = {
    "en": ("Which number is on the line between {name} and {other}?", "How long is the direct way from {name} to {other}?",
           "What does the line from {name} to {other} say?", "What is the distance between {name} and {other} along their line?"),
    "zh": ("{name}和{other}之间的线上写着几？", "从{name}直接到{other}有多远？", "{name}与{other}之间连线的数值是多少？", "{name}到{other}的直达距离是多少？"),
}  # fmt: skip
SHORTEST: Wordings = {
    "en": ("How long is the shortest way from {name} to {other}?", "What is the least total from {name} to {other}?",
           "Find the length of the shortest route between {name} and {other}.", "How far is it at least from {name} to {other}?"),
    "zh": ("从{name}到{other}的最短距离是多少？", "{name}到{other}的最短路径长度是多少？", "求{name}与{other}之间最短路线的长度。", "从{name}到{other}最少要走多远？"),
}  # fmt: skip
ROUTE: Wordings = {
    "en": ("Which is the shortest way from {name} to {other}?", "Name the stops of the shortest route from {name} to {other}.",
           "How do I get from {name} to {other} on the shortest way?", "Trace the shortest route between {name} and {other}, beginning at {name}."),
    "zh": ("从{name}到{other}的最短路线是哪条？", "写出从{name}到{other}最短路线经过的点。", "怎样从{name}走最短的路到{other}？", "按顺序写出{name}到{other}的最短路径。"),
}  # fmt: skip
LINES: Wordings = {
    "en": ("How many lines are there between the boxes?", "Count the connections.", "How many connections does the network have?",
           "How many pairs are directly connected?"),
    "zh": ("框之间一共有几条线？", "数一数连线的数量。", "这个网络有几条连接？", "有多少对是直接相连的？"),
}  # fmt: skip
