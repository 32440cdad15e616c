"""CLIP for Picturebook: an open_clip model of our own size, trained contrastively. Source: Radford et al. 2021, arXiv:2103.00020."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from genai_core.models.picture_autoencoder import to_unit

TEXT_WIDTH, TEXT_HEADS = 128, 4


def config(vocabulary: int, context: int, width: int = TEXT_WIDTH, layers: int = 3, embed: int = 128) -> dict:
    """The open_clip configuration, as its JSON files hold it."""
    return {
        "embed_dim": embed,
        "vision_cfg": {"image_size": 64, "patch_size": 8, "layers": layers, "width": width, "head_width": 32},
        "text_cfg": {"context_length": context, "vocab_size": vocabulary, "width": width, "heads": TEXT_HEADS,
                     "layers": layers},
    }


class PictureCLIP(nn.Module):
    """A picture tower and a text tower whose unit vectors meet where picture and caption belong together."""

    def __init__(self, width: int = TEXT_WIDTH, layers: int = 3, embed: int = 128):
        super().__init__()
        from open_clip import CLIP

        from genai_core.text_to_image.tokenizer import CONTEXT, tokenizer

        self.config = config(len(tokenizer()), CONTEXT, width, layers, embed)
        self.clip = CLIP(**self.config)

    def turns(self, batch, rng):
        """batch: (pictures (B, 3, 64, 64), ids (B, 32)), or both in groups, (G, B / G, ...) -> one turn: the mean of both
        directions' cross-entropy, in nats; log(B) at chance. Figure 3 of the paper."""
        pictures, ids = batch
        pictures, ids = pictures.flatten(0, -4), ids.flatten(0, -2)
        image = self.clip.encode_image(to_unit(pictures), normalize=True).float()   # (B, embed)
        text = self.clip.encode_text(ids, normalize=True).float()                   # (B, embed)
        logits = self.clip.logit_scale.exp().clamp(max=100) * image @ text.T        # (B, B)
        own = torch.arange(len(ids), device=logits.device)
        yield "loss", (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2, self

    def text_tower(self) -> nn.Module:
        """The text tower as transformers' CLIPTextModel, with the same weights and the same states.

        open_clip pools at the highest id and uses the exact GELU; the class reads both from its configuration.
        """
        from transformers import CLIPTextConfig, CLIPTextModel

        clip, text = self.clip, self.config["text_cfg"]
        width, last = text["width"], text["vocab_size"] - 1
        tower = CLIPTextModel(CLIPTextConfig(
            vocab_size=text["vocab_size"], hidden_size=width, intermediate_size=4 * width, hidden_act="gelu",
            num_hidden_layers=text["layers"], num_attention_heads=text["heads"], projection_dim=self.config["embed_dim"],
            max_position_embeddings=text["context_length"], bos_token_id=last - 1, eos_token_id=last, pad_token_id=last))
        weights = {"embeddings.token_embedding.weight": clip.token_embedding.weight,
                   "embeddings.position_embedding.weight": clip.positional_embedding,
                   "final_layer_norm.weight": clip.ln_final.weight, "final_layer_norm.bias": clip.ln_final.bias}
        for i, block in enumerate(clip.transformer.resblocks):
            parts = {"layer_norm1": block.ln_1, "layer_norm2": block.ln_2, "mlp.fc1": block.mlp.c_fc,
                     "mlp.fc2": block.mlp.c_proj, "self_attn.out_proj": block.attn.out_proj}
            for kind in ("weight", "bias"):
                for name, part in parts.items():
                    weights[f"encoder.layers.{i}.{name}.{kind}"] = getattr(part, kind)
                for name, piece in zip("qkv", getattr(block.attn, f"in_proj_{kind}").chunk(3), strict=True):
                    weights[f"encoder.layers.{i}.self_attn.{name}_proj.{kind}"] = piece
        prefix = "text_model." if any(k.startswith("text_model.") for k in tower.state_dict()) else ""
        tower.load_state_dict({prefix + k: v.detach() for k, v in weights.items()}, strict=False)
        return tower.eval().requires_grad_(False)
