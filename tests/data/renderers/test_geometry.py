"""Geometry: figures are to scale, labels overlap nothing, and answers agree with what is measured in the drawing."""

import math
import re

import numpy as np
import pytest
from drawn_assets import DrawnAssets, check_rows, digests, digests_elsewhere, render_many

from deepseek_vl_hf.data.renderers.geometry import plane_grid as plane_grid
from deepseek_vl_hf.data.renderers.geometry import plane_measures as plane_measures
from deepseek_vl_hf.data.renderers.geometry import plane_polygons as plane_polygons
from deepseek_vl_hf.data.renderers.geometry import solid_figures as solid_figures
from deepseek_vl_hf.data.renderers.geometry.clock_faces import clock
from deepseek_vl_hf.data.renderers.geometry.renderer import ABSENCE, FIGURES, Geometry
from deepseek_vl_hf.data.renderers.geometry.wordings import ASKED


SEEDS = range(60)


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    return DrawnAssets(tmp_path_factory.mktemp("assets"))


def answers(figure):
    return {wording: answer for wording, answer, _, _ in figure.asks}


def number(text):
    """The first number of an answer, with π as a factor."""
    found = re.match(r"\(?(-?[\d.]*)(π?)(?:/(\d+))?", text)
    return float(found[1] or 1) * (math.pi if found[2] else 1) / float(found[3] or 1)


def measured(shape):
    _, corner, one, other, text = shape
    turns = [math.atan2(point[1] - corner[1], point[0] - corner[0]) for point in (one, other)]
    return text, abs((math.degrees(turns[1] - turns[0]) + 180) % 360 - 180)


@pytest.mark.parametrize("make", FIGURES["angles"][1][:-1], ids=lambda make: make.__name__)
def test_angles_are_as_large_as_written_and_the_answer_is_the_one_that_is_drawn(make):
    for seed in SEEDS:
        figure = make(np.random.default_rng(seed))
        slack = 3 if make is plane_polygons.quadrilateral else 0.01  # corners of a quadrilateral are rounded
        angles = [measured(shape) for shape in figure.shapes if shape[0] == "angle"]
        unknown = [size for text, size in angles if "°" not in text]
        assert all(abs(size - int(text[:-1])) < slack for text, size in angles if "°" in text)
        wordings = ("unknown", "unknown_parallel", "unknown_circle", "angle")
        found = {answer for wording, answer, _, _ in figure.asks if wording in wordings}
        assert len(found) == 1
        assert abs(unknown[0] - int(found.pop()[:-1])) < slack


def sides(figure):
    return [(shape[1], shape[2]) for shape in figure.shapes if shape[0] == "line" and shape[3] == "solid"]


def shoelace(points):
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))) / 2


@pytest.mark.parametrize("name", ["right_triangle", "rectangle", "parallelogram", "trapezoid", "l_shape"])
def test_areas_and_perimeters_are_those_of_the_drawn_polygon(name):
    for seed in SEEDS:
        figure = getattr(plane_measures, name)(np.random.default_rng(seed))
        outline = list(dict.fromkeys(sides(figure)))
        points = [one for one, _ in outline]
        said = answers(figure)
        assert number(said["area"]) == pytest.approx(shoelace(points))
        if "perimeter" in said:
            assert number(said["perimeter"]) == pytest.approx(sum(math.dist(*side) for side in outline))
        if "diagonal" in said:
            assert number(said["diagonal"]) == pytest.approx(math.dist(points[0], points[2]))
        if "side" in said:
            assert any(number(said["side"]) == pytest.approx(math.dist(*side)) for side in outline)


def test_circles_and_sectors_have_their_formulas():
    for seed in SEEDS:
        figure = plane_measures.circle(np.random.default_rng(seed))
        size, shows_radius = figure.numbers
        radius = size if shows_radius else size / 2
        said = answers(figure)
        assert number(said["area_pi"]) == pytest.approx(math.pi * radius**2)
        assert number(said["circumference"]) == pytest.approx(2 * math.pi * radius)
        figure = plane_measures.sector(np.random.default_rng(seed))
        angle, radius = figure.numbers
        assert number(answers(figure)["area_pi"]) == pytest.approx(math.pi * radius**2 * angle / 360)
        assert number(answers(figure)["arc"]) == pytest.approx(2 * math.pi * radius * angle / 360)


def test_parallel_lines_cut_a_triangle_in_equal_shares():
    for seed in SEEDS:
        figure = plane_measures.similar(np.random.default_rng(seed))
        first, rest, other = figure.numbers
        assert number(answers(figure)["unknown_parallel"]) / other == pytest.approx(rest / first)


def test_solids_have_their_volumes_and_surfaces():
    for seed in SEEDS:
        rng = [np.random.default_rng(seed) for _ in range(6)]
        figure = solid_figures.cuboid(rng[0])
        a, b, c = figure.numbers
        assert number(answers(figure)["volume"]) == a * b * c
        assert number(answers(figure)["surface"]) == 2 * (a * b + b * c + a * c)
        assert (answers(figure)["solid"] == "cube") == (a == b == c)
        for make, generator, volume, surface in (
            (solid_figures.cylinder, rng[1], lambda r, h: r * r * h, lambda r, h: 2 * r * (r + h)),
            (solid_figures.cone, rng[2], lambda r, h: r * r * h / 3, lambda r, h: r * (r + math.hypot(r, h))),
        ):
            figure = make(generator)
            assert number(answers(figure)["volume_pi"]) == pytest.approx(math.pi * volume(*figure.numbers))
            assert number(answers(figure)["surface_pi"]) == pytest.approx(math.pi * surface(*figure.numbers))
        figure = solid_figures.sphere(rng[3])
        radius = figure.numbers[0]
        assert number(answers(figure)["volume_pi"]) == pytest.approx(4 / 3 * math.pi * radius**3)
        assert number(answers(figure)["surface_pi"]) == pytest.approx(4 * math.pi * radius**2)
        figure = solid_figures.prism(rng[4])
        a, b, deep = figure.numbers
        assert number(answers(figure)["volume"]) == pytest.approx(a * b * deep / 2)
        assert number(answers(figure)["surface"]) == pytest.approx(a * b + (a + b + math.hypot(a, b)) * deep)
        side, tall = solid_figures.pyramid(rng[5]).numbers
        assert side > 0 < tall


def test_every_edge_that_an_answer_needs_has_its_length():
    for seed in SEEDS:
        for make in (solid_figures.cuboid, solid_figures.pyramid):
            labels = [shape[-1] for shape in make(np.random.default_rng(seed)).shapes if shape[0] == "text"]
            assert sum(any(map(str.isdigit, label)) for label in labels) == 3


def test_points_on_the_grid_are_where_the_answers_say():
    for seed in SEEDS:
        figure = plane_grid.points_on_grid(np.random.default_rng(seed))
        points, where = figure.numbers[0], {}
        for wording, answer, _, fields in figure.asks:
            if wording == "coordinates":
                where[fields["name"]] = tuple(map(int, answer.strip("()").split(", ")))
        assert tuple(sorted(where.values())) == points
        dots = [shape[1] for shape in figure.shapes if shape[0] == "dot"]
        assert sorted(dots) == sorted(where.values())
        for wording, answer, _, fields in figure.asks:
            if wording == "point_at":
                assert where[answer] == (int(fields["x"]), int(fields["y"]))
            elif wording == "quadrant":
                x, y = where[fields["name"]]
                assert (
                    int(answer)
                    == {(True, True): 1, (False, True): 2, (False, False): 3, (True, False): 4}[x > 0, y > 0]
                )
            elif wording == "distance":
                length = math.dist(where[fields["name"]], where[fields["other"]])
                root = math.sqrt(int(answer[1:])) if answer.startswith("√") else int(answer)
                assert root == pytest.approx(length)
            elif wording == "midpoint":
                middle = np.mean([where[letter] for letter in fields["name"]], axis=0)
                assert tuple(map(float, answer.strip("()").split(", "))) == tuple(middle)


def test_hands_of_a_clock_point_to_the_time():
    for seed in SEEDS:
        figure = clock(np.random.default_rng(seed))
        hour, minute = map(int, answers(figure)["time"].split(":"))
        turns = [
            (90 - math.degrees(math.atan2(*shape[2][::-1]))) % 360 for shape in figure.shapes if shape[0] == "hand"
        ]
        assert turns[0] == pytest.approx((30 * hour + minute / 2) % 360)
        assert turns[1] == pytest.approx(6 * minute)
        marks = [shape for shape in figure.shapes if shape[0] == "line" and shape[-1] == "thin"]
        assert marks or minute % 5 == 0


def test_every_working_ends_with_its_result():
    for _, makers, _ in FIGURES.values():
        for make in makers:
            for seed in range(15):
                for _, answer, working, _ in make(np.random.default_rng(seed)).asks:
                    bare = re.sub(r" [cm]*m[²³]?$", "", answer).strip("()")
                    assert not working or working.rsplit("= ", 1)[1] == bare or working.endswith(f"= {answer}")
                    assert not working or re.search(r"[-+×/√]", working)


def test_every_question_has_wordings_in_both_languages():
    for wordings in ASKED.values():
        assert min(len(set(wordings[language])) for language in ("en", "zh")) >= 4


def test_false_questions_are_about_letters_that_are_not_there(assets):
    checked = 0
    for draw, rendered in render_many(Geometry(assets), 60, "en"):
        shown = " ".join(ask.question for ask in rendered.asks)
        for ask in rendered.false_asks:
            assert ask.task == ABSENCE
            if found := re.search(r"no point (\w)", ask.answer):
                assert not re.search(rf"∠\w*{found[1]}|point {found[1]}\b", shown), draw.items
                checked += 1
            elif found := re.search(r"There is no ([a-z ]+) in", ask.answer):
                assert f"of the {found[1]}" not in shown
                checked += 1
    assert checked > 80


def test_rows_are_valid_and_splits_share_no_held_out_item(assets):
    check_rows(Geometry, assets)


def test_another_process_draws_the_same_rows(assets):
    assert digests(Geometry, assets) == digests_elsewhere(Geometry, assets)


def test_wrong_options_are_refused_with_what_is_possible(assets):
    with pytest.raises(ValueError, match="expected some of angles"):
        Geometry(assets, kinds=("knots",))
    with pytest.raises(ValueError, match="at least 384"):
        Geometry(assets, longest=10)
