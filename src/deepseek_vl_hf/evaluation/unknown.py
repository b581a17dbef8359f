"""What counts as saying that a picture does not show what is asked: data, one table.

The renderers' own answers to questions asked in vain ("There is no list on this page.", 图中没有积分。) and usual phrasings. Each
is a regular expression, searched for anywhere in an answer, without regard to case.
"""

WORDINGS = (
    # Nothing of the kind is there.
    r"\bthere(?:'s|\s(?:is|are|was|were|seems to be|appears to be))?\s(?:no|not|none|nothing|only)\b",
    r"\bthere\s(?:is|are|was|were)n[o']t\b",
    r"\b(?:has|have|had|contains?|shows?|names?|defines?|imports?|lists?|gives?|includes?|mentions?|displays?|says?|see)\s(?:no|none|nothing)\b",
    r"\b(?:do|does|did)(?:\snot|n't)\s(?:\w+\s)?(?:show|have|contain|see|say|mention|include|appear|exist|specify|provide|indicate|define|import"
    r"|display|give|state|list|name|know|depict|feature|find|seem)\b",
    r"\b(?:is|are|was|were)(?:\snot|n't)\s(?:\w+\s){0,2}(?:in|on|here|there|shown|visible|present|written|mentioned|specified|stated|given|known"
    r"|provided|listed|legible|readable|displayed|depicted|included|available|clear|defined|enough|possible|sure|any)\b",
    r"\bno\s[^.;!?]{1,60}?\s(?:is|are|was|were|can be|appears?|exists?)\s?(?:\w+\s)?"
    r"(?:there|shown|visible|present|written|mentioned|specified|stated|given|seen|in|on)\b",
    r"\b(?:none of|nobody|no one|nothing of the kind|no such|no (?:information|differences?|mention))\b",
    r"\bthe\s[^.;!?]{1,40},\snot\s",  # "The chart shows the sales, not the profit."
    # It cannot be told.
    r"\b(?:can\s?not|can't|could\snot|couldn't|unable to|impossible to|not able to)\b",
    r"\b(?:unknown|unanswerable|not (?:applicable|enough information|specified|mentioned|given|shown|visible|available|stated|provided))\b",
    r"^\W*(?:none|nothing|n/?a|nowhere)\W*$",
    # The same in Chinese.
    r"没有|没看|没写|没能|并无|并未|不存在|不包含|不含|不在(?:图|画|表|这)|无(?:法|此|从|图|答案|相关)",
    r"看不(?:到|清|见|出)|找不到|不(?:能|可|可能)?(?:确定|判断|知道|得知|清楚|确认)|不能看|未(?:显示|提及|出现|标注|给出|知|写|说明|提供|包含|定义)",
    r"^\W*无\W*$",
)
