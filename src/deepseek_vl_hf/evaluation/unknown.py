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
    r"\b(?:can\s?not|can't|could\snot|couldn't|unable to|impossible to|not able to|not possible to)\s(?:be\s)?(?:\w+ly\s)?(?:see|tell|told|determine"
    r"|find|found|read|identif(?:y|ied)|say|said|answer|make out|know|provide|give|view|detect|locate|confirm|verif(?:y|ied)|seen|recogni[sz]e"
    r"|infer|deduce|judge|access|describe|establish|derive|help|assist)",
    r"\b(?:unknown|unanswerable|not (?:applicable|enough information|specified|mentioned|given|shown|visible|available|stated|provided))\b",
    r"^\W*(?:none|nothing|n/?a|nowhere)\W*$",
    # The same in Chinese.
    r"(?:图|画|画面|照片|表|格|页|页面|这里|文|码|框|树|[里中上内面])(?:[都并也就]|其实|似乎|好像|根本)?没有",
    r"没有?(?:这|该|此|任何|第|相关|看|给|写|标|显示|提|出现|说明|包含|包括|列|找到|发现|署|定义|导入|“)",
    r"^\W*(?:有\W*)?没有.{0,6}$|没能(?:看|找|认|确)|并无|并未|不存在|不包含|不含|不在(?:图|画|表|这)|无(?:此|从|图|答案|相关)"
    r"|无法(?:从|根据|确|判|看|识|得|知|回|辨|认|读|找|提|给|查|显|推|说|描|理)",
    r"看不(?:到|清|见|出)|找不到|不(?:能|可|可能)?(?:确定|判断|知道|得知|清楚|确认)|不能看|未(?:显示|提及|出现|标注|给出|知|写|说明|提供|包含|定义)",
    r"^\W*无\W*$",
)
