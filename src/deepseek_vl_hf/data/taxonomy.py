"""The use-case taxonomy of DeepSeek-VL (paper table 3) as data: what people ask of pictures.

A node is a path of slugs, as the `task` of a row says it: "recognition/ocr-and-transcription/printed-text". A row without a
picture has the task `TEXT`, which is outside the taxonomy.
"""

import re
from collections.abc import Iterable


TEXT = "text"
# main -> secondary -> tertiary; where the table has no tertiary or no secondary level, the names stand one level higher.
TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "Recognition": {
        "Global Description": (
            "Theme",
            "Event/Behavior",
            "Location/Scene",
            "Emotion/Mood",
            "Style Recognition",
            "Food Recognition",
            "Others",
        ),
        "Local Description": (
            "Pointing",
            "Position",
            "Person Recognition",
            "Object Attribute",
            "Logo Recognition",
            "Counting",
            "Currency Recognition",
        ),
        "OCR and Transcription": ("Printed Text", "Handwritten Text", "Specified Format", "Specified Language"),
    },
    "Conversion": {
        "Image to Code": (
            "UI to Code",
            "Chart to Code",
            "Photo to SVG/p64 Encoding",
            "Formula to Code",
            "Flowchart to Code",
        ),
        "Image to Text": ("Image to Prompt", "Text Summary", "Image-based Creation", "Text Interpretation"),
    },
    "Analysis": {
        "Data Chart Analysis": ("Graph Interpretation", "Table Interpretation"),
        "Professional Chart Analysis": (
            "Circuit Diagram",
            "Flowchart",
            "Map",
            "Music Score",
            "Financial Chart",
            "Floor Plan",
            "Others",
        ),
        "Professional Image Analysis": (
            "Sensor Image",
            "Biological and Medical Image",
            "Voiceprint Image",
            "Point Cloud Image",
        ),
        "Encyclopedia Knowledge Analysis": (
            "Art and Culture",
            "Natural Environment",
            "Food/Clothing/Housing/Transportation",
            "Entertainment",
            "Historical Knowledge",
        ),
    },
    "Commonsense Reasoning": {
        "Relationship": ("Interpersonal", "Spatial", "Size", "Species"),
        "Function": ("Hardware", "Software"),
        "Environment": (
            "Environment State Analysis",
            "Environment-based Behavior Reasoning",
            "Embodied Intelligence",
        ),
        "Anomaly": ("Identifying Anomalies in Images", "Defect Detection", "Accident Judgment"),
        "Humor Reasoning": (),
        "Other": (
            "State",
            "Cause",
            "Attribute Comparison",
            "Optical Illusion",
            "Fun Games",
            "Intention Interpretation",
            "Behavior Prediction",
        ),
    },
    "Logical Reasoning": {
        "Mathematical": ("Algebra and Operation", "Plane Geometry", "Solid Geometry"),
        "Other": ("Physics", "Chemistry", "Biology", "Code", "IQ Questions"),
    },
    "Evaluation": {
        "Reality": (),
        "Similarity": (),
        "Aesthetic": (),
        "Open-ended Evaluation": (),
        "Improvement Suggestions": (),
    },
    "Multi-graph": {
        "Temporal Sequence Understanding": ("Event Prediction", "Image Sequencing", "Behavior Analysis"),
        "Multi-graph Comparison": (
            "Attribute Comparison",
            "Image-Text Matching",
            "Finding Associations",
            "Spotting Differences",
            "Image Discrimination",
        ),
    },
    "Safety": {"Suggestive Questioning": (), "Counterfactual Questioning": (), "Prompt Injection": ()},
}


def slug(name: str) -> str:
    """A name of the table as it stands in a path: "OCR and Transcription" -> "ocr-and-transcription"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _paths() -> Iterable[tuple[str, tuple[str, ...]]]:
    for main, secondaries in TABLE.items():
        for secondary, tertiaries in secondaries.items():
            for names in [(main, secondary, tertiary) for tertiary in tertiaries] or [(main, secondary)]:
                yield "/".join(map(slug, names)), names


# Path of every node without nodes below it -> its names in the table, in the table's order.
NODES: dict[str, tuple[str, ...]] = dict(_paths())
MAIN = tuple(slug(name) for name in TABLE)


def check_task(task: str) -> None:
    """Raise unless `task` is a node, or `TEXT`.

    Raises:
        ValueError: naming the nodes that it may have meant.
    """
    if not isinstance(task, str) or (task not in NODES and task != TEXT):
        near = [path for path in NODES if path.split("/")[0] == str(task).split("/")[0]] or list(MAIN)
        raise ValueError(f"found task {task!r}, expected {TEXT!r} or a node of the taxonomy such as {', '.join(near)}")
