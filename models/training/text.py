"""The frozen text encoder, as the pack has it: token states of all-MiniLM-L6-v2, padded with rows of zeros to 32."""
import numpy as np
import torch
from transformers import AutoTokenizer, BertModel

TOKENS, WIDTH = 32, 384


class TextEncoder:
    def __init__(self, pack):
        self.tokenizer = AutoTokenizer.from_pretrained(f"{pack}/tokenizer")
        assert self.tokenizer("a cat").input_ids == [101, 1037, 4937, 102], "the tokenizer lost its vocabulary"
        self.network = BertModel.from_pretrained(f"{pack}/text_encoder", add_pooling_layer=False).float().eval()

    @torch.no_grad()
    def encode(self, texts):
        """Each text's token states without padding: a list of float32 [tokens, 384]."""
        batch = self.tokenizer(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
        states = self.network(input_ids=batch.input_ids, attention_mask=batch.attention_mask).last_hidden_state
        return [row[: int(mask.sum())].numpy() for row, mask in zip(states, batch.attention_mask)]

    def encode_all(self, texts, batch=128):
        """As `encode`, for many texts, float16; texts of one length go together."""
        order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
        found = [None] * len(texts)
        for begin in range(0, len(order), batch):
            chosen = order[begin : begin + batch]
            for k, states in zip(chosen, self.encode([texts[k] for k in chosen])):
                found[k] = states.astype(np.float16)
        return found

    def padded(self, texts):
        """float32 [texts, 32, 384], as the U-Net takes it."""
        return pad_states(self.encode(texts))


def pad_states(states):
    """A batch of token states with rows of zeros after each text's last token."""
    out = torch.zeros(len(states), TOKENS, WIDTH)
    for row, found in zip(out, states):
        row[: len(found)] = torch.from_numpy(np.asarray(found[:TOKENS], np.float32))
    return out
