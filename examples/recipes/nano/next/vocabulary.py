"""Texts come in; a tokenizer goes out in which every character is a token: a model this small reads letter by letter.

What it does not know as a character is spelled in bytes, so that every text comes back as it was. What every conversation has, the
system sentence and the names of who speaks, are single tokens, since they would be most of a short row.
"""

from collections import Counter
from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, decoders, models, processors
from transformers import PreTrainedTokenizerFast

from deepseek_vl_hf.processing_deepseek_vl_hf import DEFAULT_CHAT_TEMPLATE


BOS, EOS, PAD, IMAGE = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>", "<image_placeholder>"
SYSTEM = DEFAULT_CHAT_TEMPLATE.split("default_system = '")[1].split("'")[0] + "\n\n"
USER, ASSISTANT = "User: ", "\n\nAssistant:"
ALWAYS = "\n\t" + "".join(map(chr, range(32, 127))) + "£€¥°·–—‘’“”…×÷é，。？！、：；（）《》"


def make_tokenizer(needed: Iterable[str], others: Iterable[str], size: int) -> PreTrainedTokenizerFast:
    """Make a tokenizer of at most `size` tokens.

    Args:
        needed: Texts all of whose characters are tokens.
        others: Texts whose most frequent characters are, as far as there is room.
        size: Of the vocabulary.

    Raises:
        ValueError: if `needed` has too many characters.
    """
    letters = dict.fromkeys(ALWAYS)
    letters.update(dict.fromkeys(sorted(set("".join(needed)))))
    fixed = [BOS, EOS, PAD, IMAGE, *(f"<0x{byte:02X}>" for byte in range(256))]
    added = [SYSTEM, USER, ASSISTANT]
    room = size - len(fixed) - len(added) - len(letters)
    if room < 0:
        raise ValueError(
            f"found {len(letters)} characters, expected {-room} fewer; or make the vocabulary larger than {size}"
        )
    counts = Counter("".join(others))
    letters.update(dict.fromkeys([letter for letter, _ in counts.most_common() if letter not in letters][:room]))
    vocabulary = {token: number for number, token in enumerate([*fixed, *letters])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], byte_fallback=True))
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([BOS, EOS, PAD, IMAGE])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in added])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, tokenizer.token_to_id(BOS))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        extra_special_tokens={"image_token": IMAGE},
        chat_template=DEFAULT_CHAT_TEMPLATE,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def spell(turns: Iterable[tuple[str, str]], num_images: tuple[int, ...] = ()) -> list[tuple[str, bool]]:
    """A conversation as the chat template writes it, in pieces, each with whether it is learned.

    Args:
        turns: Questions with their answers.
        num_images: Image tokens of each picture that the first question begins with.
    """
    pieces, pictures = [(BOS + SYSTEM, False)], "".join(IMAGE * count for count in num_images)
    for question, answer in turns:
        pieces += [(f"{USER}{pictures}{question.strip()}{ASSISTANT}", False), (f" {answer.strip()}{EOS}", True)]
        pictures = ""
    return pieces
