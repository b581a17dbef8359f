"""Words of made-up books, papers and letters, in English and Chinese: topics, methods, titles, rooms, jobs."""

VENUES = {
    "en": ("the Town Hall", "Riverside Park", "the Old Mill", "Maple Court", "the Science Centre", "Harbour House", "the Grand Hotel", "Building C",
           "the Garden Pavilion", "Station Square", "Linden Street", "the Community Centre"),
    "zh": ("市民中心", "滨江公园", "文化馆", "枫林小区", "科技馆", "国际会议中心", "人民剧院", "三号楼", "阳光花园", "火车站广场", "桂花路", "社区活动中心"),
}  # fmt: skip
ROOMS = {"en": ("room {}", "office {}", "hall {}"), "zh": ("{}室", "{}会议室", "{}办公室")}
OCCASIONS = {
    "en": ("the Spring Concert", "the Annual Science Fair", "our Summer Reception", "the Harvest Dinner", "the Opening of the New Gallery",
           "the Regional Book Fair", "the Anniversary Gala", "the Autumn Workshop on Water"),
    "zh": ("春季音乐会", "年度科技展", "新品发布会", "答谢晚宴", "新展馆开幕式", "图书博览会", "周年庆典", "水资源研讨会"),
}  # fmt: skip
JOBS = {
    "en": ("project manager", "software engineer", "accountant", "nurse", "translator", "lab assistant", "sales manager", "electrician", "editor",
           "librarian"),
    "zh": ("项目经理", "软件工程师", "会计", "护士", "翻译", "实验员", "销售经理", "电工", "编辑", "图书管理员"),
}  # fmt: skip
TOPICS = {
    "en": ("Crop Yield Prediction", "Traffic Flow Forecasting", "Handwriting Recognition", "Speech Enhancement", "River Water Quality", "Image Segmentation",
           "Battery Life Estimation", "Protein Folding", "Air Pollution Monitoring", "Machine Translation", "Landslide Detection", "Energy Consumption",
           "Bird Song Classification", "Bridge Inspection", "Coral Reef Mapping", "Sleep Stage Analysis", "Solar Power Output", "Fraud Detection",
           "Forest Fire Risk", "Seed Germination", "Music Recommendation", "Robot Navigation", "Urban Noise", "Steel Corrosion"),
    "zh": ("农作物产量预测", "交通流量预测", "手写文字识别", "语音增强", "河流水质评价", "图像分割", "电池寿命估计", "蛋白质折叠", "空气污染监测", "机器翻译", "滑坡检测",
           "能源消耗", "鸟鸣分类", "桥梁检测", "珊瑚礁测绘", "睡眠分期", "太阳能发电功率", "欺诈检测", "森林火险", "种子萌发", "音乐推荐", "机器人导航", "城市噪声", "钢材腐蚀"),
}  # fmt: skip
METHODS = {
    "en": ("Random Forests", "Graph Networks", "Sparse Regression", "Kalman Filters", "Wavelet Transforms", "Decision Trees", "Convolutional Networks",
           "Gaussian Processes", "Genetic Algorithms", "Contrastive Learning", "Support Vector Machines", "Markov Models", "Attention Layers",
           "Active Learning", "Matrix Factorisation", "Cluster Analysis"),
    "zh": ("随机森林", "图神经网络", "稀疏回归", "卡尔曼滤波", "小波变换", "决策树", "卷积神经网络", "高斯过程", "遗传算法", "对比学习", "支持向量机", "马尔可夫模型", "注意力机制",
           "主动学习", "矩阵分解", "聚类分析"),
}  # fmt: skip
PAPER_TITLES = {
    "en": ("{method} for {topic}", "{topic} with {method}", "A Study of {topic} Using {method}", "Towards Reliable {topic}: The Role of {method}",
           "On the Limits of {method} in {topic}", "{topic}: A Comparison of {method} and {other}"),
    "zh": ("基于{method}的{topic}研究", "{method}在{topic}中的应用", "面向{topic}的{method}方法", "结合{method}与{other}的{topic}研究", "{topic}中{method}的改进与分析"),
}  # fmt: skip
PAPER_SECTIONS = {
    "en": ("Introduction", "Related Work", "Method", "Experiments", "Discussion", "Conclusion"),
    "zh": ("引言", "相关工作", "方法", "实验", "讨论", "结论"),
}
JOURNALS = {
    "en": (
        "Journal of Applied Methods",
        "Annals of Measurement",
        "Proceedings of the Workshop on Data",
        "Letters in Modelling",
        "Review of Field Studies",
    ),
    "zh": ("应用方法学报", "测量与控制", "数据科学进展", "模型通讯", "野外研究评论"),
}
INSTITUTES = {
    "en": ("Institute of Applied Sciences", "Northern Technical University", "Centre for Data Studies", "Department of Engineering, Lakeside University",
           "National Laboratory for Measurement"),
    "zh": ("应用科学研究所", "北方理工大学", "数据研究中心", "湖滨大学工程学院", "国家测量实验室"),
}  # fmt: skip
BOOK_TITLES = {
    "en": (
        "The {a} and the {b}",
        "{a} of the {b}",
        "The Last {a}",
        "Beyond the {a}",
        "The {a} in Winter",
        "The {b} Keeper",
        "Letters from the {a}",
        "The Silent {b}",
    ),
    "zh": ("{a}与{b}", "最后的{a}", "{a}深处", "远方的{b}", "{a}来信", "沉默的{b}", "{b}之歌", "寻找{a}"),
}
BOOK_WORDS = {
    "en": ("Harbour", "Lantern", "River", "Clock", "Garden", "Bridge", "Island", "Mirror", "Orchard", "Compass", "Tower", "Storm", "Valley", "Key", "Letter",
           "Forest", "Lighthouse", "Voyage", "Shadow", "Bell", "Crossing", "Stranger", "Market", "Snow"),
    "zh": ("港湾", "灯笼", "大河", "钟声", "花园", "石桥", "孤岛", "镜子", "果园", "罗盘", "古塔", "风暴", "山谷", "钥匙", "书信", "森林", "灯塔", "远航", "影子", "铜铃", "渡口", "陌生人",
           "集市", "初雪"),
}  # fmt: skip
