"""Rows of noise and few words."""

import numpy as np
from PIL import Image

from deepseek_vl_hf.data.rows import chat_row


def picture(seed, size=48):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8))


def row(question, answer, num_images=1, seed=0):
    return chat_row((question, answer), images=[picture(seed + index) for index in range(num_images)])
