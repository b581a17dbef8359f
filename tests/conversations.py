"""What a model says to a whole conversation in one prompt, made by the processor and `generate` alone."""

from deepseek_vl_hf.turns import as_messages


def with_pictures(chat, turns):
    """The turns as `apply_chat_template` takes them with pictures."""
    images = iter([image for turn in turns for image in turn.images])
    return [
        {
            **message,
            "content": [
                {**part, "image": next(images)} if part["type"] == "image" else part for part in message["content"]
            ],
        }
        for message in as_messages(turns, chat.system, chat.processor.image_token)
    ]


def answer_from_scratch(chat, answer):
    """Token ids of the answer to the last question of a chat, from as many tokens as `answer` has."""
    turns = chat.turns[answer.num_turns_left_out :]
    turns = [*turns[:-1], type(turns[-1])(turns[-1].question, turns[-1].images)]
    inputs = chat.processor.apply_chat_template(
        with_pictures(chat, turns), tokenize=True, return_dict=True, return_tensors="pt", add_generation_prompt=True
    )
    prompt_length = inputs["input_ids"].shape[1]
    assert answer.num_prompt_tokens == prompt_length
    eos = chat.processor.tokenizer.eos_token_id
    ids = chat.model.generate(
        **inputs, do_sample=False, max_new_tokens=len(answer.token_ids), pad_token_id=eos, eos_token_id=eos
    )
    return ids[0, prompt_length:].tolist()
