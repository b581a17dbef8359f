"""How questions about documents are worded, in English and Chinese, and how those answers that are sentences are."""

ORDINALS = {
    "en": ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    "zh": ("一", "二", "三", "四", "五", "六", "七", "八", "九"),
}
KINDS = {
    "book": {"en": "A page of a book.", "zh": "一本书的书页。"},
    "paper": {"en": "The first page of a research paper.", "zh": "一篇学术论文的首页。"},
    "letter": {"en": "A letter.", "zh": "一封信函。"},
    "notice": {"en": "A notice.", "zh": "一份通知。"},
    "report": {"en": "A report.", "zh": "一份报告。"},
    "manual": {"en": "A page of a user guide.", "zh": "一份使用说明书。"},
    "minutes": {"en": "Minutes of a meeting.", "zh": "一份会议纪要。"},
}
WORDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "markdown": {
        "en": ("Transcribe this page to Markdown.", "Convert the document to Markdown.", "Write the content of this page in Markdown, formulas as LaTeX.",
               "Turn the page into Markdown; leave out the running header and the page number.", "Give me this page as Markdown.",
               "Transcribe the document in Markdown, in reading order."),
        "zh": ("把这一页转成 Markdown。", "将文档转换为 Markdown 格式。", "请用 Markdown 抄录这一页，公式用 LaTeX。", "以 Markdown 输出页面内容，不含页眉和页码。",
               "按阅读顺序用 Markdown 写出全文。", "请把图中的文档转写成 Markdown。"),
    },
    "read": {
        "en": ("Write out everything that is printed on this page.", "What does the page say?", "Transcribe all text in the picture.",
               "Give me the full text of this page."),
        "zh": ("写出这一页上的全部文字。", "图中写了什么？", "请抄录图片中的所有文字。", "给出本页的完整文本。"),
    },
    "summary": {
        "en": ("What is this document, in one sentence?", "Sum up this page in one sentence.", "Say briefly what this page is.", "What kind of page is this and what is it about?"),
        "zh": ("用一句话概括这份文件。", "这是一份什么文件？讲的是什么？", "简要说明这一页是什么。", "请用一句话总结图中的内容。"),
    },
    "kind": {
        "en": ("What kind of document is this?", "Name the type of document.", "What sort of page is shown?", "Which type of document is in the picture?"),
        "zh": ("这是什么类型的文件？", "图中是哪一类文档？", "请说出文档的类型。", "这一页属于什么文体？"),
    },
    "title": {
        "en": ("What is the title?", "Read only the title.", "What is the heading at the top of this document?", "Give the title of the document."),
        "zh": ("标题是什么？", "只读出标题。", "文档的题目是什么？", "给出这份文件的标题。"),
    },
    "paragraph": {
        "en": ("Read the {n} paragraph.", "What does the {n} paragraph say?", "Copy the {n} paragraph of the text.", "Transcribe only the {n} paragraph, counting from the top."),
        "zh": ("读出第{n}段。", "第{n}段写了什么？", "抄写正文第{n}段。", "只写出第{n}个自然段。"),
    },
    "last": {
        "en": ("Read the last paragraph.", "What does the final paragraph say?", "Copy the last paragraph of the text.", "Transcribe only the last paragraph."),
        "zh": ("读出最后一段。", "最后一段写了什么？", "抄写正文的最后一段。", "只写出最后一个自然段。"),
    },
    "under": {
        "en": ("Read the first paragraph under “{heading}”.", "What does the first paragraph below the heading “{heading}” say?", "Copy the first paragraph of “{heading}”.",
               "How does the part “{heading}” begin? Give its first paragraph."),
        "zh": ("读出“{heading}”下面的第一段。", "“{heading}”部分的第一段写了什么？", "抄写标题“{heading}”之下的第一段。", "给出“{heading}”的第一段文字。"),
    },
    "items": {
        "en": ("Read the list as Markdown.", "Write out the list in Markdown.", "Give all items of the list, in Markdown.", "Transcribe only the list, as Markdown."),
        "zh": ("用 Markdown 读出列表。", "以 Markdown 写出列表内容。", "用 Markdown 给出列表中的各项。", "只抄录列表，用 Markdown 格式。"),
    },
    "item": {
        "en": ("What is item {n} of the list?", "Read item {n} of the numbered list.", "What does number {n} in the list say?", "Give point {n} of the list."),
        "zh": ("列表第{n}项是什么？", "读出编号列表的第{n}条。", "列表中的第{n}点写了什么？", "给出第{n}条的内容。"),
    },
    "formula": {
        "en": ("Give formula ({n}) in LaTeX.", "Write equation ({n}) as LaTeX.", "Transcribe formula ({n}) to LaTeX.", "What is equation ({n}), in LaTeX?"),
        "zh": ("用 LaTeX 写出公式({n})。", "把式({n})转成 LaTeX。", "公式({n})的 LaTeX 是什么？", "请抄录公式({n})，使用 LaTeX。"),
    },
    "only_formula": {
        "en": ("Give the displayed formula in LaTeX.", "Write the formula on this page as LaTeX.", "Transcribe the formula to LaTeX.", "What is the formula, in LaTeX?"),
        "zh": ("用 LaTeX 写出页中的公式。", "把这一页的公式转成 LaTeX。", "页面上公式的 LaTeX 是什么？", "请用 LaTeX 抄录公式。"),
    },
    "figure": {
        "en": ("Read the caption of the figure.", "What does the figure caption say?", "Give the caption below the figure.", "Copy the text under the figure."),
        "zh": ("读出图的标题。", "图注写了什么？", "给出图下方的说明文字。", "抄写插图的标题。"),
    },
    "table": {
        "en": ("Convert the table on this page to Markdown.", "Give only the table, as Markdown.", "Transcribe the table in Markdown.", "Write the table with Markdown pipes."),
        "zh": ("把页面中的表格转成 Markdown。", "只给出表格，用 Markdown。", "用 Markdown 抄录表格。", "请将表格写成 Markdown。"),
    },
    "cell": {
        "en": ("What does the table give as the {column} of {row}?", "Look up {row} in the table: what is its {column}?", "According to the table, what is the {column} of {row}?",
               "Which {column} does the table list for {row}?"),
        "zh": ("表中{row}的{column}是多少？", "查表：{row}的{column}是多少？", "根据表格，{row}的{column}为多少？", "表格里{row}对应的{column}是多少？"),
    },
    "note": {
        "en": ("Read the first footnote.", "What does the first footnote say?", "Transcribe footnote 1.", "What is written in footnote 1 at the bottom?"),
        "zh": ("读出第一条脚注。", "脚注1写了什么？", "抄录第一条脚注。", "页面底部的脚注1是什么？"),
    },
    "columns": {
        "en": ("In how many columns is the running text set?", "How many text columns does the page have?", "Count the columns of running text.", "How many columns is the text laid out in?"),
        "zh": ("正文分几栏排版？", "这一页的正文有几栏？", "数一数正文有多少栏。", "正文是几栏的？"),
    },
    "sections": {
        "en": ("How many headings does the page have, not counting the title?", "Count the headings below the title.", "How many headings are there below the title?",
               "What is the number of headings, the title aside?"),
        "zh": ("除标题外，这一页有几个小标题？", "标题以下共有多少个小标题？", "数一数小标题的个数，不算文章标题。", "不计标题，页面上一共有几个小标题？"),
    },
    "headings": {
        "en": ("List the section headings as Markdown bullets.", "Which section headings are on the page? Use Markdown bullets.", "Give all headings below the title as a Markdown list.",
               "Write the section headings as a list with dashes."),
        "zh": ("用 Markdown 列表列出各小标题。", "页面上有哪些小标题？用 Markdown 列表表示。", "以列表形式写出所有小节标题。", "把各节标题用短横线列出来。"),
    },
    "num_items": {
        "en": ("How many items does the list have?", "Count the points of the list.", "How many entries are in the list?", "What is the number of items in the list?"),
        "zh": ("列表有几项？", "数一数列表中有多少条。", "列表一共几条？", "列表包含多少项？"),
    },
    "paragraphs": {
        "en": ("How many paragraphs of text are on the page?", "Count the paragraphs.", "How many paragraphs does the text have?", "What is the number of paragraphs?"),
        "zh": ("这一页有几段正文？", "数一数有几个自然段。", "正文一共几段？", "页面上有多少个段落？"),
    },
    "references": {
        "en": ("How many references are listed?", "Count the entries under References.", "How many works are in the list of references?", "What is the number of references on this page?"),
        "zh": ("列出了几篇参考文献？", "参考文献有多少条？", "数一数参考文献的数量。", "页面上共有几条参考文献？"),
    },
    "reference": {
        "en": ("Read reference [{n}].", "What is entry [{n}] in the references?", "Copy reference [{n}].", "Which work is listed as [{n}]?"),
        "zh": ("读出参考文献[{n}]。", "文献[{n}]是什么？", "抄写参考文献第[{n}]条。", "[{n}]对应哪篇文献？"),
    },
    "abstract": {
        "en": ("Read the abstract.", "What does the abstract say?", "Transcribe only the abstract.", "Copy the abstract of the paper."),
        "zh": ("读出摘要。", "摘要写了什么？", "只抄录摘要部分。", "请写出论文的摘要。"),
    },
    "authors": {
        "en": ("Who wrote this paper?", "Who are the authors?", "Name the authors of the paper.", "Read the line with the authors."),
        "zh": ("论文的作者是谁？", "这篇论文是谁写的？", "列出作者姓名。", "读出作者一行。"),
    },
    "keywords": {
        "en": ("What are the keywords?", "List the keywords of the paper.", "Read the keywords.", "Which keywords are given?"),
        "zh": ("关键词有哪些？", "读出关键词。", "论文的关键词是什么？", "列出关键词。"),
    },
    "samples": {
        "en": ("How many samples were used?", "How large is the data set, in samples?", "What number of samples does the paper report?", "How many samples do the data hold?"),
        "zh": ("使用了多少个样本？", "数据集有多少个样本？", "文中报告的样本数是多少？", "样本数量是多少？"),
    },
    "accuracy": {
        "en": ("What accuracy is reported in the text?", "How accurate is the method, according to the text?", "Which accuracy does the approach reach?", "What accuracy does the text state?"),
        "zh": ("文中报告的准确率是多少？", "该方法的准确率达到多少？", "正文给出的准确率是多少？", "方法的准确率为多少？"),
    },
    "place": {
        "en": ("Where were the data collected?", "From which city do the data come?", "In which city were the samples taken?", "Which city do the samples come from?"),
        "zh": ("数据在哪里采集？", "样本来自哪座城市？", "数据来自哪个城市？", "采集数据的城市是哪里？"),
    },
    "signed": {
        "en": ("Who signed this page?", "Whose signature is at the bottom?", "Read the signature.", "Which name is at the end of the page?"),
        "zh": ("这一页由谁签名？", "页末的署名是谁？", "读出落款。", "谁在文末签了名？"),
    },
    "no_note": {"en": ("The page has no footnote.", "There is no footnote on this page."), "zh": ("这一页没有脚注。", "页面上没有脚注。")},
    "no_table": {"en": ("The page has no table.", "There is no table on this page."), "zh": ("这一页没有表格。", "页面上没有表格。")},
    "no_figure": {"en": ("The page has no figure.", "There is no figure on this page."), "zh": ("这一页没有图。", "页面上没有插图。")},
    "no_formula": {"en": ("The page has no formula.", "There is no formula on this page."), "zh": ("这一页没有公式。", "页面上没有公式。")},
    "no_items": {"en": ("The page has no list.", "There is no list on this page."), "zh": ("这一页没有列表。", "页面上没有列表。")},
    "no_signed": {"en": ("Nobody signed this page.", "There is no signature on this page."), "zh": ("这一页没有署名。", "页面上没有落款。")},
    "few": {"en": ("There is none; the page has only {n} paragraphs.",), "zh": ("没有，这一页只有{n}段。",)},
    "one": {"en": ("There is none; the page has only one paragraph.",), "zh": ("没有，这一页只有一段。",)},
}  # fmt: skip
