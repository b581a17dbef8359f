"""Texts for the tests of renderers, of the kinds that `Assets` has; the Chinese uses only what the font beside the tests can write."""

SENTENCES = {
    "en": """\
The train to the coast leaves at nine every morning.
She put the old map on the table and looked for the river.
Nobody in the village had ever seen so much snow.
Please bring the blue book back to the library by Friday.
The two brothers opened a small shop near the station.
After the rain, the garden smelled of wet leaves and earth.
He wrote a long letter, but he never sent it.
The museum is closed on Mondays and free on Sundays.
Water boils at a lower temperature on high mountains.
My grandmother kept her letters in a tin box.
Three ships came into the harbour before sunset.
The teacher asked a question that no one could answer.
A good map is worth more than a fast horse.
They walked along the wall until they found a gate.
The market sells fresh bread, cheese and olives.
Why did the lights go out in the whole street?
The captain watched the clouds and said nothing.
We planted forty trees behind the school last spring.
The bridge was built in 1894 and repaired in 1962.
Every window on the north side has to be cleaned.
It took them six hours to reach the lake.
The baker gets up at three and goes to bed at eight.
In winter the road over the pass is closed.
The cat slept on the warm roof of the car.
There were no seats left, so we stood at the back.
The price of coffee has doubled in ten years.
A thin line of smoke rose above the forest.
Turn left at the church and follow the river.
The children counted the wagons of the long train.
His answer was short, but it was honest.
The new library has room for 80,000 books.
Do not leave your bags alone on the platform.
The farmer sold his last cow in the autumn.
Light travels faster than sound, as every storm shows.
She learned to swim when she was fifty years old.
The clock in the hall was always five minutes slow.
From the tower you can see the sea and both islands.
The letter arrived on a cold day in February.
All visitors must sign the book at the entrance.
The old men played chess under the plane tree.
Nothing grows on the far side of the hill.
The doctor told him to walk for an hour each day.
A red boat lay upside down on the beach.
The concert begins at half past seven.
He could read the signs, but he could not speak a word.
The stone steps were worn by a thousand feet.
They painted the door green and the walls white.
The next bus to the airport runs at ten past four.""".splitlines(),
    "zh": """\
今天的天气很好，我们一起去公园。
火车每天早上九点从北京出发。
他在桌子上放了一本新书。
这家小店在学校的前面。
请你星期五以前把书还给图书馆。
山上的水很干净，可以直接喝。
老师问了一个问题，没有人能回答。
我的家里有五口人。
明天下午三点在二楼开会。
这条路通向大海。
他们走了六个小时才到那个村子。
春天来了，花都开了。
妈妈每天早上给我们做早饭。
这座桥有一百多年的历史。
请不要在这里说话。
火车站的东边有一个很大的市场。
他写了一封长信，可是没有寄出去。
图书馆星期一不开门。
我想买两张去上海的票。
孩子们在门口等公共汽车。
这里的冬天很长，夏天很短。
你知道他是从哪里来的吗？
一个好的开始是成功的一半。
我们在学校后面种了四十棵树。
那个老人每天在树下看书。
从这里可以看见大海和两座小岛。
医生要他每天走一个小时的路。
新的图书馆里有八万本书。
他会说三种语言。
雨后的空气非常好。
北方的人喜欢吃面，南方的人喜欢吃米饭。
他的回答很短，但是很清楚。
下一班车四点十分开。
所有的人都要在门口写上名字。
水的上面有一只红色的小船。
我们应当保护自然环境。
每个人都有受教育的权利。
这件事情和他没有关系。
他在这个城市工作了十年。
月亮出来了，天上有很多星星。
请在左边第二个门进去。
这种茶的价格是去年的两倍。
她五十岁的时候学会了开车。
远处的山上还有白色的雪。
晚上八点，音乐会就要开始了。
我把门的颜色改成了绿色。
请把电话号码写在这张纸上。
工人们在路边休息。""".splitlines(),
}
NAMES = {
    "en": {
        "country": "China,France,Brazil,Egypt,India,Japan,Canada,Germany,Spain,Russia",
        "language": "Chinese,French,English,Japanese,German,Russian",
        "currency": "US Dollar,Euro,Japanese Yen,British Pound",
        "month": "January,February,March,April,May,June,July,August,September,October,November,December",
        "weekday": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
        "unit": "kilometers,kilograms,hours,minutes,meters,days",
        "animal": "cat,dog,horse,cow,sheep,bird,fish,tiger,bear,rabbit",
        "food": "apple,bread,rice,tea,egg,fish,noodles,milk,beef,candy",
        "person": "Emma Baker,Liam Carter,Olivia Dawson,Noah Ellis,Sophie Foster,Lucas Graham,Hannah Hughes,Oliver Irwin",
        "city": "Beijing,Shanghai,Paris,London,Tokyo,Berlin,New York,Rome",
    },
    "zh": {
        "country": "中国,法国,巴西,埃及,印度,日本,加拿大,德国,西班牙,俄罗斯",
        "language": "中文,法语,英语,日语,德语,俄语",
        "currency": "美元,欧元,日元,英镑",
        "month": "一月,二月,三月,四月,五月,六月,七月,八月,九月,十月,十一月,十二月",
        "weekday": "星期一,星期二,星期三,星期四,星期五,星期六,星期日",
        "unit": "公里,千克,小时,分钟,米,天",
        "animal": "猫,狗,马,牛,羊,鸟,鱼,老虎,熊,兔子",
        "food": "苹果,面包,米饭,茶,鸡蛋,鱼,面条,牛奶,牛肉,糖果",
        "person": "王伟,李芳,张敏,刘洋,陈静,杨明,赵磊,黄丽",
        "city": "北京,上海,巴黎,伦敦,东京,柏林,纽约,罗马",
    },
}
CODE = (
    (
        "shapes/area.py",
        "python",
        '''\
"""Areas of plain shapes."""

import math


def square(side):
    """Return the area of a square."""
    if side < 0:
        raise ValueError("a side cannot be negative")
    return side * side


def circle(radius):
    """Return the area of a circle."""
    return math.pi * radius**2


class Box:
    """A box with three sides."""

    def __init__(self, width, height, depth):
        self.width = width
        self.height = height
        self.depth = depth

    def volume(self):
        return self.width * self.height * self.depth

    def surface(self):
        front = self.width * self.height
        side = self.depth * self.height
        top = self.width * self.depth
        return 2 * (front + side + top)


if __name__ == "__main__":
    print(Box(2, 3, 4).volume())
''',
    ),
    (
        "queue/line.py",
        "python",
        '''\
from collections import deque


class Line:
    """People who wait, first come, first served."""

    def __init__(self, names=()):
        self._names = deque(names)

    def __len__(self):
        return len(self._names)

    def join(self, name):
        self._names.append(name)
        return len(self._names)

    def serve(self):
        if not self._names:
            return None
        return self._names.popleft()


def count_words(text):
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def longest(words):
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best
''',
    ),
    (
        "src/cart.js",
        "javascript",
        """\
const TAX = 0.19;

class Cart {
  constructor() {
    this.items = [];
  }

  add(name, price, count = 1) {
    this.items.push({ name, price, count });
    return this;
  }

  total() {
    let sum = 0;
    for (const item of this.items) {
      sum += item.price * item.count;
    }
    return sum * (1 + TAX);
  }

  remove(name) {
    this.items = this.items.filter((item) => item.name !== name);
  }
}

function format(value) {
  return `${value.toFixed(2)} EUR`;
}

const cart = new Cart().add("tea", 4.5, 2).add("bread", 3);
console.log(format(cart.total()));
""",
    ),
    (
        "css/page.css",
        "css",
        """\
body {
  margin: 0;
  font-family: Georgia, serif;
  color: #222;
}

header {
  padding: 16px 24px;
  background: #004466;
  color: white;
}

nav a {
  display: inline-block;
  margin-right: 12px;
  text-decoration: none;
}

.card {
  width: 280px;
  border: 1px solid #ccc;
  border-radius: 6px;
}

.card:hover {
  border-color: #0088cc;
}
""",
    ),
    (
        "src/Counter.java",
        "java",
        """\
import java.util.HashMap;
import java.util.Map;

public class Counter {
    private final Map<String, Integer> counts = new HashMap<>();

    public void add(String word) {
        counts.merge(word, 1, Integer::sum);
    }

    public int get(String word) {
        return counts.getOrDefault(word, 0);
    }

    public String mostFrequent() {
        String best = null;
        int most = 0;
        for (Map.Entry<String, Integer> entry : counts.entrySet()) {
            if (entry.getValue() > most) {
                most = entry.getValue();
                best = entry.getKey();
            }
        }
        return best;
    }
}
""",
    ),
)
