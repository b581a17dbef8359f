"""How questions about tables are worded, in English and Chinese, and how those answers that are sentences are."""

WORDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "markdown": {
        "en": ("Convert the table to Markdown.", "Transcribe this table as a Markdown table.", "Write the table in Markdown.",
               "Give me this table as Markdown.", "Extract the table; use Markdown pipes."),
        "zh": ("把表格转换成 Markdown。", "用 Markdown 格式抄录这张表格。", "请将图中的表格写成 Markdown。", "提取表格，用 Markdown 表示。",
               "请输出这张表的 Markdown。"),
    },
    "html": {
        "en": ("Convert the table to HTML.", "Write this table as an HTML table.", "Transcribe the table in HTML.",
               "Give the table as plain HTML, without styles."),
        "zh": ("把表格转换成 HTML。", "用 HTML 写出这张表格。", "请将图中的表格转成 HTML 代码。", "用不带样式的 HTML 抄录表格。"),
    },
    "csv": {
        "en": ("Convert the table to CSV.", "Give the table as comma-separated values.", "Transcribe the table as CSV.",
               "Write the rows of the table as CSV, header first."),
        "zh": ("把表格转换成 CSV。", "用逗号分隔的形式给出表格内容。", "请将表格抄录为 CSV 格式。", "以 CSV 写出表格，表头在第一行。"),
    },
    "title": {
        "en": ("What is written above the table?", "Read the title of the table.", "What is the table called?", "Give the table's title."),
        "zh": ("表格上方写的是什么？", "读出表格的标题。", "这张表的标题是什么？", "表名是什么？"),
    },
    "header": {
        "en": ("Read the column headers, separated by |.", "List the column headings with | between them.",
               "What are the column names? Separate them with |.", "Write the header row with | between the cells."),
        "zh": ("读出各列的表头，用 | 分隔。", "列出列名，以 | 隔开。", "表头有哪些列？用 | 分隔。", "写出表头这一行，单元格之间用 | 隔开。"),
    },
    "row": {
        "en": ("Read the row {row}, cells separated by |.", "What does the row “{row}” say? Put | between the cells.",
               "Write out the row of {row} with | between cells.", "Give all cells of the row {row}, separated by |."),
        "zh": ("读出“{row}”这一行，用 | 分隔单元格。", "“{row}”这行写了什么？用 | 隔开。", "写出“{row}”所在行的全部内容，用 | 分隔。",
               "抄录“{row}”这一行，单元格之间用 |。"),
    },
    "note": {
        "en": ("What does the small line about the figures say?", "In what units are the figures? Quote the note.",
               "Read the note on units.", "Quote the note that says how the figures are given."),
        "zh": ("表中注明的单位是怎么写的？", "读出关于单位的说明。", "表格的单位说明写的是什么？", "照抄表中的单位标注。"),
    },
    "owner": {
        "en": ("Which row has {text} under {column}?", "Which entry is listed with {text} under {column}?",
               "Where does the column {column} say {text}?", "{text} under {column}: which row is that?"),
        "zh": ("哪一行的“{column}”是{text}？", "“{column}”为{text}的是哪一行？", "“{column}”一列中的{text}属于哪一项？", "哪一项的“{column}”写的是{text}？"),
    },
    "num_rows": {
        "en": ("How many rows does the table have, not counting the header?", "Count the rows below the header.",
               "How many data rows are in the table?", "How many rows are there under the header?"),
        "zh": ("除表头外，表格有几行？", "表头下面一共有多少行？", "表格有多少行数据？", "不算表头，这张表有几行？"),
    },
    "num_columns": {
        "en": ("How many columns does the table have?", "Count the columns of the table.", "What is the number of columns?", "How many columns are there?"),
        "zh": ("表格有几列？", "数一数这张表有多少列。", "这张表一共几列？", "表格的列数是多少？"),
    },
    "num_lessons": {
        "en": ("How many {text} lessons are there in the week?", "How often is {text} taught in the week shown?",
               "Count the {text} lessons in the timetable.", "How many times does {text} appear in the timetable?"),
        "zh": ("一周有几节{text}课？", "课程表里{text}出现了几次？", "数一数这周有多少节{text}。", "{text}一周上几节？"),
    },
    "largest": {
        "en": ("Which row has the highest {column}?", "Which entry has the largest value under {column}?",
               "Where is {column} the highest?", "In which row does {column} reach its maximum?"),
        "zh": ("哪一项的“{column}”最高？", "“{column}”最大的是哪一项？", "“{column}”这一列数值最大的是哪一行？", "“{column}”数值最高的是哪一行？"),
    },
    "smallest": {
        "en": ("Which row has the lowest {column}?", "Which entry has the smallest value under {column}?",
               "Where is {column} the lowest?", "In which row does {column} reach its minimum?"),
        "zh": ("哪一项的“{column}”最低？", "“{column}”最小的是哪一项？", "“{column}”这一列数值最小的是哪一行？", "“{column}”数值最低的是哪一行？"),
    },
    "extreme": {
        "en": ("What is the highest value under {column}{aside}?", "Give the largest value under {column}{aside}.",
               "What is the maximum of {column}{aside}?", "How high does {column} go{aside}?"),
        "zh": ("“{column}”的最大值是多少{aside}？", "“{column}”最高是多少{aside}？", "“{column}”一列的最大数是多少{aside}？", "“{column}”的最高值是几{aside}？"),
    },
    "column_sum": {
        "en": ("Add up {column} over all rows{aside}.", "What is the sum of the values under {column}{aside}?",
               "What do the values under {column} add up to{aside}?", "Calculate the sum of {column}{aside}."),
        "zh": ("把“{column}”各行相加是多少{aside}？", "“{column}”一列的总和是多少{aside}？", "请计算“{column}”的和{aside}。", "各行的“{column}”加起来是多少{aside}？"),
    },
    "row_sum": {
        "en": ("Add up the values of {row}.", "What is the sum of the row {row}?", "What do the values of {row} add up to?",
               "Calculate the total for {row}."),
        "zh": ("“{row}”这一行的数值之和是多少？", "把{row}的各项加起来是多少？", "请计算{row}的总和。", "{row}各列相加等于多少？"),
    },
    "row_largest": {
        "en": ("In which column is {row} highest?", "Under which heading does {row} have its largest value?",
               "Where does {row} reach the maximum?", "Which column has the highest value of {row}?"),
        "zh": ("{row}在哪一列最高？", "“{row}”这一行最大的数在哪一列？", "{row}的最大值出现在哪一列？", "{row}哪一项数值最高？"),
    },
    "row_smallest": {
        "en": ("In which column is {row} lowest?", "Under which heading does {row} have its smallest value?",
               "Where does {row} reach the minimum?", "Which column has the lowest value of {row}?"),
        "zh": ("{row}在哪一列最低？", "“{row}”这一行最小的数在哪一列？", "{row}的最小值出现在哪一列？", "{row}哪一项数值最低？"),
    },
    "difference": {
        "en": ("By how much does {first} exceed {second} under {column}?", "How much more does {first} have than {second} under {column}?",
               "What is the difference between {first} and {second} in {column}?", "{column}: {first} minus {second}?"),
        "zh": ("{first}的“{column}”比{second}多多少？", "就“{column}”而言，{first}比{second}高多少？", "“{column}”一列中，{first}与{second}相差多少？",
               "{first}和{second}的“{column}”差多少？"),
    },
    "points": {"en": ("{gap} percentage points",), "zh": ("{gap}个百分点",)},
    "point": {"en": ("{gap} percentage point",), "zh": ("{gap}个百分点",)},
    "minus": {"en": ("{first} - {second} = {gap}",), "zh": ("{first} - {second} = {gap}",)},
    "num_above": {
        "en": ("How many rows have more than {limit} under {column}{aside}?", "Count the rows whose {column} is above {limit}{aside}.",
               "In how many rows is {column} greater than {limit}{aside}?", "For how many entries is {column} over {limit}{aside}?"),
        "zh": ("“{column}”大于{limit}的有几行{aside}？", "有多少项的“{column}”超过{limit}{aside}？", "“{column}”高于{limit}的有几个{aside}？",
               "数一数“{column}”超过{limit}的行数{aside}。"),
    },
    "aside": {"en": (", leaving out totals", ", not counting totals"), "zh": ("（不算合计）", "（合计除外）")},
    "change": {
        "en": ("How did {row} change from {old} to {new}?", "By how much did {row} rise or fall between {old} and {new}?",
               "Compare {row} in {new} with {old}.", "What was the change in {row} from {old} to {new}?"),
        "zh": ("从{old}到{new}，{row}变化了多少？", "与{old}相比，{new}的{row}增减了多少？", "{row}在{new}比{old}是增是减，差多少？", "比较{old}和{new}的{row}。"),
    },
    "rose": {"en": ("An increase of {change}.",), "zh": ("增加了{change}。",)},
    "fell": {"en": ("A decrease of {change}.",), "zh": ("减少了{change}。",)},
    "same": {"en": ("No change.",), "zh": ("没有变化。",)},
    "best_year": {
        "en": ("Which year has the highest figure for {row}?", "Which year shows the highest {row}?", "In which year did {row} peak?",
               "In which year is the figure for {row} the highest?"),
        "zh": ("哪一年的{row}最高？", "{row}最高的是哪一年？", "{row}在哪一年达到最高？", "表中哪年的{row}最多？"),
    },
    "share": {
        "en": ("What percentage of {whole_name} was {part_name} in {year}? Give one decimal.", "{part_name} as a percentage of {whole_name} in {year}, to one decimal?",
               "Divide {part_name} by {whole_name} for {year}; give percent with one decimal.", "How large is the figure for {part_name} relative to {whole_name} in {year}, in percent (one decimal)?"),
        "zh": ("{year}{part_name}占{whole_name}的百分比是多少？保留一位小数。", "计算{year}{part_name}与{whole_name}之比，用百分数表示，保留一位小数。",
               "{year}的{part_name}是{whole_name}的百分之几（一位小数）？", "{year}{part_name}除以{whole_name}等于百分之多少？保留一位小数。"),
    },
    "result": {
        "en": ("Did the company make a profit or a loss in {year}?", "Was {year} a year of profit or of loss, after tax?",
               "What is the bottom line of {year}: a profit or a loss?", "Profit or loss in {year}, and how much?"),
        "zh": ("{year}公司是盈利还是亏损？", "{year}净利润是多少，是盈是亏？", "公司在{year}是赚了还是亏了？", "{year}盈亏如何，金额是多少？"),
    },
    "profit": {"en": ("A net profit of {amount}.",), "zh": ("盈利，净利润为{amount}。",)},
    "loss": {"en": ("A net loss of {amount}.",), "zh": ("亏损，净亏损为{amount}。",)},
    "neither": {"en": ("Neither: the net profit was zero.",), "zh": ("不盈不亏，净利润为零。",)},
    "no_row": {
        "en": ("The table has no row for {row}.", "{row} is not in the table."),
        "zh": ("表中没有“{row}”这一行。", "表格里没有{row}。"),
    },
    "no_column": {
        "en": ("The table has no column {column}.", "There is no column “{column}” in the table."),
        "zh": ("表中没有“{column}”这一列。", "表格里没有{column}这一栏。"),
    },
}  # fmt: skip
