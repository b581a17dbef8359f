"""What is asked about figures of geometry, in both languages. {shape} is one of `SHAPES`; {name} a point, side, angle or letter."""

SHAPES: dict[str, tuple[str, str]] = {
    "triangle": ("triangle", "三角形"), "square": ("square", "正方形"), "rectangle": ("rectangle", "长方形"),
    "circle": ("circle", "圆"), "sector": ("sector", "扇形"), "parallelogram": ("parallelogram", "平行四边形"),
    "trapezoid": ("trapezoid", "梯形"), "figure": ("figure", "图形"), "cuboid": ("cuboid", "长方体"), "cube": ("cube", "正方体"),
    "cylinder": ("cylinder", "圆柱"), "cone": ("cone", "圆锥"), "sphere": ("sphere", "球"), "prism": ("triangular prism", "三棱柱"),
    "pyramid": ("pyramid", "四棱锥"), "acute": ("acute", "锐角三角形"), "right": ("right", "直角三角形"),
    "obtuse": ("obtuse", "钝角三角形"),
}  # fmt: skip
NAMED = ("triangle_kind", "solid")  # whose answers are keys of `SHAPES`
ASKED: dict[str, dict[str, tuple[str, ...]]] = {
    "angle": {
        "en": ("How large is {name}?", "What is the size of {name}?", "Find {name}.", "How many degrees is {name}?"),
        "zh": ("{name} 是多少度？", "求 {name} 的度数。", "{name} 有多大？", "计算 {name}。"),
    },
    "unknown": {
        "en": ("Find {name}.", "What is {name}?", "How large is the angle {name}?", "Calculate the angle marked {name}."),
        "zh": ("求 {name}。", "{name} 是多少？", "角 {name} 有多大？", "计算标为 {name} 的角。"),
    },
    "unknown_parallel": {
        "en": ("{lines}. Find {name}.", "Given {lines}, what is {name}?", "If {lines}, how large is {name}?", "Calculate {name} ({lines})."),
        "zh": ("已知 {lines}，求 {name}。", "{lines}，{name} 是多少？", "若 {lines}，{name} 等于多少？", "{lines}，计算 {name}。"),
    },
    "unknown_circle": {
        "en": ("O is the centre of the circle. Find {name}.", "How large is {name}, if O is the centre?",
               "Calculate the angle {name}; O is the centre.", "With O as the centre, what is {name}?"),
        "zh": ("O 是圆心，求 {name}。", "若 O 为圆心，{name} 是多少度？", "点 O 是圆心，计算角 {name}。", "已知 O 为圆心，{name} 等于多少？"),
    },
    "triangle_kind": {
        "en": ("Is the triangle acute, right or obtuse?", "By its angles, what kind of triangle is it: acute, right or obtuse?",
               "Acute, right or obtuse: what is this triangle?", "Classify the triangle as acute, right or obtuse."),
        "zh": ("这是锐角三角形、直角三角形还是钝角三角形？", "按角分，这是什么三角形？", "判断三角形是锐角、直角还是钝角三角形。", "这个三角形按角属于哪一类？"),
    },
    "inner_angle": {
        "en": ("How large is each inner angle?", "What is the interior angle of this regular polygon?",
               "Find the size of one interior angle; the polygon is regular.", "How many degrees is each angle of the regular polygon?"),
        "zh": ("每个内角是多少度？", "这个正多边形的内角是多少度？", "求这个正多边形一个内角的度数。", "正多边形的每个角有多大？"),
    },
    "angle_sum": {
        "en": ("What is the sum of the inner angles?", "Find the sum of all interior angles.", "How many degrees do all the inner angles make together?",
               "What do the interior angles add up to?"),
        "zh": ("内角和是多少？", "求所有内角之和。", "这个多边形的内角和是多少度？", "所有内角加起来是多少度？"),
    },
    "sides": {
        "en": ("How many sides does the polygon have?", "Count the sides.", "How many corners does the figure have?", "What is the number of sides?"),
        "zh": ("这个多边形有几条边？", "数一数边数。", "图形有几个角？", "边的条数是多少？"),
    },
    "perimeter_regular": {
        "en": ("All sides are equal. What is the perimeter?", "Find the perimeter of the regular polygon.",
               "How long is the outline, if all sides are equal?", "The polygon is regular. Calculate its perimeter."),
        "zh": ("各边相等，周长是多少？", "求这个正多边形的周长。", "如果各边相等，周长是多少？", "这是正多边形，计算它的周长。"),
    },
    "side": {
        "en": ("How long is {name}?", "Find the length of {name}.", "What is the length of the side {name}?", "Calculate {name}."),
        "zh": ("{name} 有多长？", "求 {name} 的长度。", "边 {name} 的长是多少？", "计算 {name}。"),
    },
    "area": {
        "en": ("What is the area of the {shape}?", "Find the area of the {shape}.", "Calculate the area.", "How large is the area of the {shape}?"),
        "zh": ("这个{shape}的面积是多少？", "求{shape}的面积。", "计算面积。", "{shape}的面积有多大？"),
    },
    "area_pi": {
        "en": ("What is the area of the {shape}, in terms of π?", "Find the exact area of the {shape}.", "Calculate the area; leave π in the answer.",
               "Give the area of the {shape} as a multiple of π."),
        "zh": ("{shape}的面积是多少（用 π 表示）？", "求{shape}面积的精确值。", "计算面积，结果保留 π。", "用 π 表示{shape}的面积。"),
    },
    "perimeter": {
        "en": ("What is the perimeter of the {shape}?", "Find the perimeter of the {shape}.", "Calculate the perimeter.",
               "How long is the way around the {shape}?"),
        "zh": ("这个{shape}的周长是多少？", "求{shape}的周长。", "计算周长。", "绕{shape}一周有多长？"),
    },
    "diagonal": {
        "en": ("How long is the diagonal of the {shape}?", "Find the diagonal.", "Calculate the length of a diagonal.", "What is the diagonal of the {shape}?"),
        "zh": ("{shape}的对角线有多长？", "求对角线的长。", "计算对角线的长度。", "这个{shape}的对角线是多少？"),
    },
    "circumference": {
        "en": ("What is the circumference, in terms of π?", "Find the exact circumference of the circle.", "Calculate the circumference; leave π in the answer.",
               "Give the circumference as a multiple of π."),
        "zh": ("圆的周长是多少（用 π 表示）？", "求圆周长的精确值。", "计算圆周长，结果保留 π。", "用 π 表示圆的周长。"),
    },
    "arc": {
        "en": ("How long is the arc, in terms of π?", "Find the exact length of the arc.", "Calculate the arc length; leave π in the answer.",
               "Give the length of the arc as a multiple of π."),
        "zh": ("弧长是多少（用 π 表示）？", "求弧长的精确值。", "计算弧长，结果保留 π。", "用 π 表示这段弧的长度。"),
    },
    "radius": {
        "en": ("What is the radius of the circle?", "How long is the radius?", "Find the radius.", "Calculate the radius."),
        "zh": ("圆的半径是多少？", "半径有多长？", "求半径。", "计算这个圆的半径。"),
    },
    "diameter": {
        "en": ("What is the diameter of the circle?", "How long is the diameter?", "Find the diameter.", "Calculate the diameter."),
        "zh": ("圆的直径是多少？", "直径有多长？", "求直径。", "计算这个圆的直径。"),
    },
    "shaded": {
        "en": ("What is the area of the shaded part, in terms of π?", "Find the exact shaded area.", "How large is the shaded region? Leave π in the answer.",
               "The circle touches all sides of the square. What is the shaded area?"),
        "zh": ("阴影部分的面积是多少（用 π 表示）？", "求阴影面积的精确值。", "阴影部分有多大？结果保留 π。", "圆与正方形各边相切，阴影面积是多少？"),
    },
    "coordinates": {
        "en": ("What are the coordinates of point {name}?", "Where is {name}? Give its coordinates.", "Read off the coordinates of {name}.",
               "Which coordinates does {name} have?"),
        "zh": ("点 {name} 的坐标是什么？", "写出点 {name} 的坐标。", "{name} 在哪里？给出坐标。", "读出点 {name} 的坐标。"),
    },
    "quadrant": {
        "en": ("In which quadrant is {name}? Answer with its number.", "Which quadrant does {name} lie in? Give the number.",
               "Give the number of the quadrant of point {name}.", "Point {name} is in which quadrant? Answer with its number."),
        "zh": ("点 {name} 在第几象限？用数字回答。", "{name} 位于第几象限？写数字。", "写出点 {name} 所在象限的序号（数字）。", "点 {name} 落在第几象限（数字）？"),
    },
    "point_at": {
        "en": ("Which point is at ({x}, {y})?", "What is the letter of the point ({x}, {y})?", "Name the point with the coordinates ({x}, {y}).",
               "Which letter stands at ({x}, {y})?"),
        "zh": ("哪个点的坐标是 ({x}, {y})？", "({x}, {y}) 处是哪个点？", "坐标为 ({x}, {y}) 的点叫什么？", "({x}, {y}) 对应哪个字母？"),
    },
    "distance": {
        "en": ("How far is {name} from {other}?", "What is the distance between {name} and {other}?", "Find the exact length of {name}{other}.",
               "Calculate the distance from {name} to {other}."),
        "zh": ("{name} 到 {other} 的距离是多少？", "求点 {name} 与点 {other} 的距离。", "线段 {name}{other} 的长是多少？", "计算 {name}、{other} 两点间的距离。"),
    },
    "midpoint": {
        "en": ("What is the midpoint of {name}?", "Find the coordinates of the midpoint of {name}.", "Where is the middle of the segment {name}?",
               "Give the midpoint of {name}."),
        "zh": ("线段 {name} 的中点坐标是什么？", "求 {name} 的中点。", "{name} 的中点在哪里？", "写出线段 {name} 的中点坐标。"),
    },
    "slope": {
        "en": ("What is the slope of the line {name}?", "Find the gradient of {name}.", "Calculate the slope of line {name}.",
               "Which slope does the line {name} have?"),
        "zh": ("直线 {name} 的斜率是多少？", "求直线 {name} 的斜率。", "计算直线 {name} 的斜率。", "直线 {name} 的斜率等于多少？"),
    },
    "volume": {
        "en": ("What is the volume of the {shape}?", "Find the volume.", "Calculate the volume of the {shape}.", "How much space does the {shape} fill?"),
        "zh": ("这个{shape}的体积是多少？", "求体积。", "计算{shape}的体积。", "{shape}的体积有多大？"),
    },
    "volume_pi": {
        "en": ("What is the volume of the {shape}, in terms of π?", "Find the exact volume.", "Calculate the volume; leave π in the answer.",
               "Give the volume of the {shape} as a multiple of π."),
        "zh": ("{shape}的体积是多少（用 π 表示）？", "求体积的精确值。", "计算体积，结果保留 π。", "用 π 表示{shape}的体积。"),
    },
    "surface": {
        "en": ("What is the surface area of the {shape}?", "Find the total surface.", "Calculate the surface area of the {shape}.",
               "How large is the whole surface of the {shape}?"),
        "zh": ("这个{shape}的表面积是多少？", "求表面积。", "计算{shape}的表面积。", "{shape}的全面积有多大？"),
    },
    "surface_pi": {
        "en": ("What is the total surface area of the {shape}, in terms of π?", "Find the exact total surface area.",
               "Calculate the total surface; leave π in the answer.", "Give the total surface of the {shape} as a multiple of π."),
        "zh": ("{shape}的表面积是多少（用 π 表示）？", "求表面积的精确值。", "计算表面积，结果保留 π。", "用 π 表示{shape}的表面积。"),
    },
    "solid": {
        "en": ("What solid is shown?", "Name the solid.", "Which solid is this?", "What is this shape called?"),
        "zh": ("图中是什么几何体？", "说出这个立体图形的名称。", "这是哪种几何体？", "这个立体图形叫什么？"),
    },
    "time": {
        "en": ("What time does the clock show?", "What time is it? Answer as h:mm.", "Read the clock.", "Which time is on the clock?"),
        "zh": ("钟面上是几点？", "现在几点？用 h:mm 回答。", "读出钟表上的时间。", "时钟显示的时间是多少？"),
    },
}  # fmt: skip
WORKING = {
    "en": (
        "{question} Show your working.",
        "{question} How do you get there?",
        "{question} Give the calculation.",
        "{question} Explain with a formula.",
    ),
    "zh": ("{question}写出过程。", "{question}请列式计算。", "{question}给出算式。", "{question}怎样得到？"),
}
NO_POINT = {
    "en": (
        ("What are the coordinates of point {name}?", "Where is point {name}?", "What is at point {name}?"),
        "There is no point {name} in the figure.",
    ),
    "zh": (("点 {name} 的坐标是什么？", "点 {name} 在哪里？", "点 {name} 处是什么？"), "图中没有点 {name}。"),
}
NO_SHAPE = {
    "en": (("What is the area of the {shape}?", "How large is the {shape}?"), "There is no {shape} in the picture."),
    "zh": (("{shape}的面积是多少？", "图中的{shape}有多大？"), "图中没有{shape}。"),
}
CAPTIONS = {
    "en": ("Fig. {number}", "Figure {number}", "{number}.", "Exercise {number}", "Problem {number}", "({number})"),
    "zh": ("图 {number}", "图{number}", "{number}.", "练习 {number}", "第 {number} 题", "（{number}）"),
}
