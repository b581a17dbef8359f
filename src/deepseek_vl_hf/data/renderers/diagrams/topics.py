"""What flowcharts, organisation charts and trees are about, in English and Chinese.

A topic of flowcharts is a list in the order in which things are done. A step is (English, Chinese). A decision has four parts more:
the answer with which things go on, and what is done otherwise.
"""

Step = tuple[str, str]
Decision = tuple[str, str, str, str, str]  # question, question in Chinese, "yes" or "no", remedy, remedy in Chinese

TOPICS: dict[str, tuple[Step | Decision, ...]] = {
    "tea": (
        ("Fill the kettle", "往水壶里加水"),
        ("Switch on the kettle", "打开水壶开关"),
        ("Is the water boiling?", "水烧开了吗？", "yes", "Wait one minute", "等一分钟"),
        ("Put tea in the pot", "把茶叶放进茶壶"),
        ("Pour in the water", "倒入开水"),
        ("Is the tea too strong?", "茶太浓了吗？", "no", "Add some hot water", "加一点热水"),
        ("Warm the cups", "温杯"),
        ("Is sugar wanted?", "要加糖吗？", "no", "Add a spoon of sugar", "加一勺糖"),
        ("Serve the tea", "端上茶"),
    ),
    "order": (
        ("Receive the order", "接收订单"),
        ("Check the address", "核对地址"),
        ("Is the item in stock?", "商品有库存吗？", "yes", "Order from the supplier", "向供应商订货"),
        ("Send the invoice", "发送发票"),
        ("Has the customer paid?", "客户付款了吗？", "yes", "Send a reminder", "发送催款通知"),
        ("Pack the goods", "打包商品"),
        ("Is the parcel too heavy?", "包裹超重了吗？", "no", "Split it in two", "分成两个包裹"),
        ("Print the label", "打印面单"),
        ("Ship the parcel", "寄出包裹"),
        ("Was it delivered?", "送达了吗？", "yes", "Contact the carrier", "联系快递公司"),
    ),
    "login": (
        ("Open the app", "打开应用"),
        ("Enter the user name", "输入用户名"),
        ("Enter the password", "输入密码"),
        ("Is the password correct?", "密码正确吗？", "yes", "Show an error", "显示错误提示"),
        ("Send a code by SMS", "发送短信验证码"),
        ("Does the code match?", "验证码一致吗？", "yes", "Ask for a new code", "重新获取验证码"),
        ("Is the account locked?", "账号被锁定了吗？", "no", "Call support", "联系客服"),
        ("Load the profile", "加载个人资料"),
        ("Show the home page", "显示主页"),
    ),
    "lamp": (
        ("Find the broken lamp", "找到坏了的灯"),
        ("Is it plugged in?", "插头插好了吗？", "yes", "Plug it in", "插上插头"),
        ("Press the switch", "按下开关"),
        ("Is the bulb burnt out?", "灯泡烧坏了吗？", "no", "Replace the bulb", "更换灯泡"),
        ("Check the fuse", "检查保险丝"),
        ("Is the fuse intact?", "保险丝完好吗？", "yes", "Fit a new fuse", "换上新保险丝"),
        ("Test the lamp", "测试灯具"),
        ("Does it light up?", "灯亮了吗？", "yes", "Buy a new lamp", "买一盏新灯"),
        ("Put the cover back", "装回灯罩"),
    ),
    "software": (
        ("Collect requirements", "收集需求"),
        ("Write the design", "编写设计文档"),
        ("Is the design approved?", "设计通过了吗？", "yes", "Revise the design", "修改设计"),
        ("Write the code", "编写代码"),
        ("Run the tests", "运行测试"),
        ("Do all tests pass?", "测试全部通过吗？", "yes", "Fix the bugs", "修复错误"),
        ("Review the changes", "评审改动"),
        ("Are there conflicts?", "有冲突吗？", "no", "Merge the main branch", "合并主分支"),
        ("Deploy to staging", "部署到预发环境"),
        ("Release the version", "发布版本"),
    ),
    "patient": (
        ("Register the patient", "登记病人"),
        ("Measure temperature", "测量体温"),
        ("Is there a fever?", "发烧吗？", "no", "Move to a quiet room", "转到安静病房"),
        ("Take a blood sample", "抽血"),
        ("Is the result normal?", "结果正常吗？", "yes", "Repeat the test", "重新化验"),
        ("See the doctor", "看医生"),
        ("Is surgery needed?", "需要手术吗？", "no", "Book an operation", "预约手术"),
        ("Write a prescription", "开处方"),
        ("Plan the next visit", "安排复诊"),
    ),
    "library": (
        ("Search the catalogue", "查询目录"),
        ("Is the book available?", "这本书在馆吗？", "yes", "Reserve the book", "预约这本书"),
        ("Note the shelf number", "记下书架号"),
        ("Find the shelf", "找到书架"),
        ("Is the card valid?", "借书证有效吗？", "yes", "Renew the card", "续办借书证"),
        ("Scan the book", "扫描图书"),
        ("Are there unpaid fines?", "有未缴罚款吗？", "no", "Pay the fine", "缴纳罚款"),
        ("Print the receipt", "打印凭条"),
        ("Take the book home", "把书带回家"),
    ),
    "travel": (
        ("Choose a destination", "选择目的地"),
        ("Compare prices", "比较价格"),
        ("Is it within budget?", "在预算之内吗？", "yes", "Pick cheaper dates", "改选便宜的日期"),
        ("Book the flight", "预订机票"),
        ("Is a visa required?", "需要签证吗？", "no", "Apply for a visa", "申请签证"),
        ("Reserve a hotel", "预订酒店"),
        ("Pack the suitcase", "收拾行李"),
        ("Is the bag too heavy?", "行李超重吗？", "no", "Take some things out", "拿出一些东西"),
        ("Go to the airport", "前往机场"),
    ),
    "bread": (
        ("Weigh the flour", "称面粉"),
        ("Add yeast and salt", "加入酵母和盐"),
        ("Knead the dough", "揉面"),
        ("Is the dough sticky?", "面团粘手吗？", "no", "Add more flour", "再加些面粉"),
        ("Let it rise", "发酵"),
        ("Has it doubled in size?", "体积变成两倍了吗？", "yes", "Wait 15 minutes", "再等15分钟"),
        ("Heat the oven", "预热烤箱"),
        ("Bake for 30 minutes", "烘烤30分钟"),
        ("Is the crust brown?", "表皮变黄了吗？", "yes", "Bake a little longer", "再烤一会儿"),
        ("Cool on a rack", "放在架上冷却"),
    ),
    "hiring": (
        ("Publish the vacancy", "发布职位"),
        ("Collect applications", "收集简历"),
        ("Enough candidates?", "候选人够吗？", "yes", "Extend the deadline", "延长截止日期"),
        ("Invite to interviews", "邀请面试"),
        ("Did it go well?", "面试顺利吗？", "yes", "Send a rejection", "发送拒信"),
        ("Check references", "核实推荐信"),
        ("Make an offer", "发出录用通知"),
        ("Is the offer accepted?", "接受录用了吗？", "yes", "Raise the salary", "提高薪资"),
        ("Sign the contract", "签订合同"),
    ),
    "plants": (
        ("Go to the greenhouse", "去温室"),
        ("Measure soil moisture", "测量土壤湿度"),
        ("Is the soil dry?", "土壤干燥吗？", "no", "Water the plants", "浇水"),
        ("Look at the leaves", "观察叶子"),
        ("Are there insects?", "有虫子吗？", "no", "Spray the leaves", "喷洒叶面"),
        ("Read the thermometer", "查看温度计"),
        ("Is it warm enough?", "温度够吗？", "yes", "Turn on the heating", "打开暖气"),
        ("Write down the values", "记录数值"),
        ("Close the door", "关门"),
    ),
}
ENDS = {"en": ("End", "Stop", "Finish", "Done"), "zh": ("结束", "完成", "停止")}
STARTS = {"en": ("Start", "Begin"), "zh": ("开始",)}
ANSWERS = {"en": {"yes": "Yes", "no": "No"}, "zh": {"yes": "是", "no": "否"}}
READ = {"en": ("Read {name}", "Input {name}"), "zh": ("输入 {name}", "读入 {name}")}
PRINT = {"en": ("Print {name}", "Output {name}"), "zh": ("输出 {name}", "打印 {name}")}

# Roles: department -> teams; the first is at the top.
ROLES: dict[Step, tuple[Step, ...]] = {
    ("Sales Director", "销售总监"): (
        ("Key Accounts", "大客户经理"), ("Retail Sales", "零售主管"), ("Export Sales", "出口主管"), ("Customer Service", "客服主管")),
    ("Finance Director", "财务总监"): (
        ("Accountant", "会计"), ("Controller", "审计专员"), ("Payroll", "薪资专员"), ("Tax Adviser", "税务专员")),
    ("Technical Director", "技术总监"): (
        ("Software Lead", "软件主管"), ("Test Engineer", "测试工程师"), ("Network Admin", "网络管理员"), ("Data Analyst", "数据分析师")),
    ("Marketing Director", "市场总监"): (
        ("Designer", "设计师"), ("Press Officer", "公关专员"), ("Social Media", "新媒体专员"), ("Event Planner", "活动策划")),
    ("Production Director", "生产总监"): (
        ("Plant Manager", "厂长"), ("Quality Lead", "质检主管"), ("Warehouse Lead", "仓库主管"), ("Maintenance", "设备主管")),
    ("HR Director", "人事总监"): (
        ("Recruiter", "招聘专员"), ("Trainer", "培训师"), ("Office Manager", "行政主管")),
}  # fmt: skip
HEADS: tuple[Step, ...] = (("Managing Director", "总经理"), ("President", "董事长"), ("General Manager", "总裁"))
PEOPLE = {
    "en": ("A. Baker", "B. Cole", "C. Diaz", "D. Evans", "E. Fox", "F. Grant", "G. Hill", "H. Ito", "I. Jones", "J. Klein",
           "K. Lopez", "L. Moore", "M. Novak", "N. Olsen", "O. Perez", "P. Quinn", "R. Rossi", "S. Stone", "T. Turner",
           "U. Vogel", "V. Weber", "W. Xu", "Y. Young", "Z. Adams", "A. Costa", "B. Dahl", "C. Engel", "D. Frost"),
    "zh": ("王芳", "李伟", "张敏", "刘洋", "陈静", "杨帆", "赵磊", "黄丽", "周强", "吴娟", "徐涛", "孙悦", "马超", "朱琳", "胡军",
           "郭燕", "何平", "高翔", "林娜", "罗斌", "郑洁", "梁辉", "谢雨", "宋佳", "唐亮", "许晴", "韩冰", "冯刚"),
}  # fmt: skip
TREES: dict[Step, dict[Step, tuple[Step, ...]]] = {
    ("Animals", "动物"): {
        ("Mammals", "哺乳动物"): (("Dog", "狗"), ("Whale", "鲸"), ("Horse", "马"), ("Bat", "蝙蝠")),
        ("Birds", "鸟类"): (("Eagle", "鹰"), ("Penguin", "企鹅"), ("Owl", "猫头鹰"), ("Duck", "鸭")),
        ("Fish", "鱼类"): (("Shark", "鲨鱼"), ("Salmon", "三文鱼"), ("Carp", "鲤鱼")),
        ("Reptiles", "爬行动物"): (("Snake", "蛇"), ("Turtle", "龟"), ("Lizard", "蜥蜴")),
    },
    ("Instruments", "乐器"): {
        ("Strings", "弦乐器"): (("Violin", "小提琴"), ("Cello", "大提琴"), ("Harp", "竖琴"), ("Guitar", "吉他")),
        ("Wind", "管乐器"): (("Flute", "长笛"), ("Trumpet", "小号"), ("Oboe", "双簧管")),
        ("Percussion", "打击乐器"): (("Drum", "鼓"), ("Triangle", "三角铁"), ("Gong", "锣")),
    },
    ("Vehicles", "交通工具"): {
        ("Road", "公路"): (("Car", "轿车"), ("Bus", "公共汽车"), ("Bicycle", "自行车"), ("Truck", "卡车")),
        ("Rail", "铁路"): (("Train", "火车"), ("Tram", "有轨电车"), ("Metro", "地铁")),
        ("Water", "水路"): (("Ferry", "渡轮"), ("Sailboat", "帆船"), ("Canoe", "独木舟")),
        ("Air", "航空"): (("Plane", "飞机"), ("Helicopter", "直升机"), ("Balloon", "热气球")),
    },
    ("Food", "食物"): {
        ("Fruit", "水果"): (("Apple", "苹果"), ("Pear", "梨"), ("Plum", "李子"), ("Mango", "芒果")),
        ("Vegetables", "蔬菜"): (("Carrot", "胡萝卜"), ("Onion", "洋葱"), ("Cabbage", "卷心菜")),
        ("Grain", "谷物"): (("Rice", "大米"), ("Wheat", "小麦"), ("Oats", "燕麦")),
        ("Dairy", "奶制品"): (("Milk", "牛奶"), ("Cheese", "奶酪"), ("Butter", "黄油")),
    },
    ("Sciences", "科学"): {
        ("Natural", "自然科学"): (("Physics", "物理学"), ("Chemistry", "化学"), ("Biology", "生物学"), ("Geology", "地质学")),
        ("Social", "社会科学"): (("Economics", "经济学"), ("Law", "法学"), ("Sociology", "社会学")),
        ("Formal", "形式科学"): (("Logic", "逻辑学"), ("Statistics", "统计学"), ("Algebra", "代数学")),
    },
}  # fmt: skip
PLACES = {
    "en": ("Mill", "Harbour", "Market", "School", "Castle", "Bridge", "Farm", "Lake", "Church", "Museum", "Station", "Park"),
    "zh": ("磨坊", "港口", "集市", "学校", "城堡", "大桥", "农场", "湖边", "教堂", "博物馆", "车站", "公园"),
}  # fmt: skip
MACHINES = {
    "en": ("Router", "Server", "Printer", "Laptop", "Firewall", "Switch", "Camera", "Storage", "Phone", "Desktop"),
    "zh": ("路由器", "服务器", "打印机", "笔记本", "防火墙", "交换机", "摄像头", "存储器", "电话", "台式机"),
}
