"""Every public data set that the DeepSeek-VL paper names, and forms of one's own: `SOURCES`, by name.

    source          what a set is, and how a record of it becomes rows
    cells, talks, boxes, wordings
                    what records hold: values, conversations, places of words; and how questions are put
    files, json_text, tfrecords, wikitext
                    layouts of files
    interleaved, wikipedia, captions, charts, exercises, screens, web_code, scene_text, scene_words, documents, text, conversations
                    the sets, by the tables of the paper
    own             forms that data of one's own may have
    listing         the table of all of them

Nothing here downloads: the files lie where the recipe says, or are streamed from the Hub by whoever reads them.
"""

from . import (
    captions,
    charts,
    conversations,
    documents,
    exercises,
    interleaved,
    own,
    scene_text,
    scene_words,
    screens,
    text,
    web_code,
    wikipedia,
)
from .source import Source


__all__ = ["SOURCES", "Source"]

_MODULES = (
    interleaved,
    wikipedia,
    captions,
    charts,
    exercises,
    screens,
    web_code,
    scene_text,
    scene_words,
    documents,
    text,
    conversations,
    own,
)
SOURCES: dict[str, Source] = {source.name: source for module in _MODULES for source in module.SOURCES}
