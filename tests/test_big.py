"""Big models by name or folder: a tiny random Stable Diffusion folder, a small hub of our own, and sentences for the rest."""

import hashlib
import http.server
import json
import shutil
import socket
import threading
import time

import numpy as np
import pytest
import torch

from genai_core import runtime
from genai_core.errors import BadInput
from genai_core.text_to_image import big, hub, lending, load, sampling

PROMPT = "a red circle"
REPO = "somebody/tiny-diffusion"

pytestmark = pytest.mark.usefixtures("one_thread")


def tiny_tokenizer(place):
    """CLIP's byte alphabet without merges: one token a letter."""
    from transformers import CLIPTokenizer

    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(i) for i in plain] + [chr(256 + n) for n in range(256 - len(plain))]
    tokens = letters + [letter + "</w>" for letter in letters] + ["<|startoftext|>", "<|endoftext|>"]
    place.mkdir(parents=True)
    (place / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}), encoding="utf-8")
    (place / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    return CLIPTokenizer(str(place / "vocab.json"), str(place / "merges.txt"), model_max_length=32)


def tiny_pipeline(place, width=32, channels=4, checker=False, scheduler="DDIMScheduler"):
    """A random StableDiffusionPipeline of about a million weights; 16 x 16 pictures."""
    import diffusers
    from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
    from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPTextConfig, CLIPTextModel, CLIPVisionConfig

    text = dict(vocab_size=514, hidden_size=width, intermediate_size=37, num_hidden_layers=2, num_attention_heads=4,
                max_position_embeddings=32, projection_dim=32, bos_token_id=512, eos_token_id=513, pad_token_id=513)

    def parts():
        unet = UNet2DConditionModel(
            sample_size=8, in_channels=channels, out_channels=channels, layers_per_block=1, block_out_channels=(32, 64),
            cross_attention_dim=32, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=8, norm_num_groups=8)
        vae = AutoencoderKL(
            in_channels=3, out_channels=3, block_out_channels=(16, 32), down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4, norm_num_groups=8, sample_size=16)
        watch = StableDiffusionSafetyChecker(CLIPConfig(
            text_config=text, projection_dim=32, vision_config=CLIPVisionConfig(
                hidden_size=32, intermediate_size=37, num_hidden_layers=1, num_attention_heads=4, image_size=32,
                patch_size=16, projection_dim=32).to_dict())) if checker else None
        return {"unet": unet, "vae": vae, "text_encoder": CLIPTextModel(CLIPTextConfig(**text)), "safety_checker": watch}

    chain = getattr(diffusers, scheduler)(beta_start=.00085, beta_end=.012, beta_schedule="scaled_linear", steps_offset=1,
                                         **({"skip_prk_steps": True} if scheduler == "PNDMScheduler" else {}))
    look = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=32) if checker else None
    pipeline = StableDiffusionPipeline(**runtime.build(parts, 7), tokenizer=tiny_tokenizer(place.parent / f"{place.name}-words"),
                                       scheduler=chain, feature_extractor=look, requires_safety_checker=False)
    pipeline.save_pretrained(place, safe_serialization=True)
    return place


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_pipeline(tmp_path_factory.mktemp("models") / "tiny", checker=True)


def changed(folder, place, path, edit):
    """A copy of the folder with one JSON file edited."""
    shutil.copytree(folder, place)
    told = json.loads((place / path).read_text(encoding="utf-8"))
    edit(told)
    (place / path).write_text(json.dumps(told), encoding="utf-8")
    return place


def last(pipeline, **asked):
    for frame in sampling.frames(pipeline, PROMPT, **{"steps": 3, "seed": 5, "strip": False, **asked}):
        pass
    return frame.clean


# -- the same code path -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("chain", ["DDIMScheduler", "PNDMScheduler", "EulerDiscreteScheduler"])
def test_a_stable_diffusion_folder_is_drawn_by_the_same_loop(tmp_path, chain):
    pipeline = load(tiny_pipeline(tmp_path / chain, scheduler=chain))
    stock = pipeline(PROMPT, num_inference_steps=3, guidance_scale=5.0, generator=runtime.rng(5), output_type="np").images
    assert np.array_equal(last(pipeline, scale=5.0), (stock * 255).round().astype(np.uint8))
    by_name = list(lending.frames_of(str(tmp_path / chain), PROMPT, steps=3, seed=5, scale=5.0))
    assert np.array_equal(by_name[-1].clean, last(pipeline, scale=5.0)) and by_name[0].clean.shape == (1, 16, 16, 3)


def test_what_the_safety_checker_refuses_is_black_in_every_frame(folder, monkeypatch):
    pipeline = load(folder)
    assert pipeline.safety_checker is not None and not big.withheld(pipeline, last(pipeline)[0])
    free = last(pipeline, n=2)
    monkeypatch.setattr(pipeline, "run_safety_checker", lambda pictures, *_: (pictures.zero_(), [False, True]))
    half = last(pipeline, n=2)
    assert np.array_equal(half[0], free[0]) and big.withheld(pipeline, half[1]) and free[1].any()
    monkeypatch.setattr(pipeline, "run_safety_checker", lambda pictures, *_: (pictures.zero_(), [True] * len(pictures)))
    for frame in sampling.frames(pipeline, PROMPT, steps=3, seed=5, strip=True):
        assert not frame.clean.any()


def test_the_checker_of_the_folder_is_asked_with_its_own_extractor(folder):
    pipeline = load(folder)
    pictures = torch.rand(2, 3, 16, 16) * 2 - 1
    pipeline.safety_checker.concept_embeds_weights.fill_(-9.0)  # every picture is far above this threshold
    try:
        assert (big.cleared(pipeline, pictures) == -1).all()
        pipeline.safety_checker.concept_embeds_weights.fill_(9.0)
        pipeline.safety_checker.special_care_embeds_weights.fill_(9.0)
        assert torch.equal(big.cleared(pipeline, pictures), pictures)
    finally:
        big._open.cache_clear()


def test_a_lent_gpu_is_taken_only_on_a_space(monkeypatch):
    import sys
    import types

    def draw():
        return "drawn"

    assert lending.lent_gpu(draw) is draw
    asked = []

    def decorator(duration):
        asked.append(duration)
        return lambda function: ("lent", function)

    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=decorator))
    assert lending.lent_gpu(draw) == ("lent", draw) and asked == [lending.LENT_S]
    monkeypatch.setitem(sys.modules, "spaces", None)
    assert lending.lent_gpu(draw) is draw


# -- folders that are not right -------------------------------------------------------------------------------------------

def says(match, model):
    with pytest.raises(BadInput, match=match) as told:
        load(model)
    assert len(str(told.value)) < 600 and "\n" not in str(told.value)


def test_parts_that_do_not_fit_together_are_named(tmp_path, folder):
    says("UNet reads text states of width 32, its text encoder writes 64", tiny_pipeline(tmp_path / "wide", width=64))
    says("UNet takes 9 channels and gives 9, its autoencoder has 4", tiny_pipeline(tmp_path / "inpainting", channels=9))
    other = tmp_path / "other-words"
    shutil.copytree(folder, other)
    shutil.rmtree(other / "tokenizer")
    shutil.copytree(big.Path(hub.__file__).parents[2] / "assets/models/pocket/tokenizer", other / "tokenizer")
    says("tokenizer has 695 tokens, its text encoder knows 514", other)
    says("damaged or missing", changed(folder, tmp_path / "shape", "unet/config.json",
                                       lambda told: told.update(block_out_channels=[16, 64])))


def test_a_tokenizer_of_two_tokens_is_noticed(tmp_path, folder):
    lost = tmp_path / "lost"
    shutil.copytree(folder, lost)
    for file in (lost / "tokenizer").iterdir():
        if file.name != "tokenizer_config.json":
            file.unlink()
    says("only 2 entries|cannot be opened", lost)


def test_folders_that_are_something_else(tmp_path, folder):
    says("has no model_index.json", tmp_path)
    says("is a StableDiffusionXLPipeline", changed(folder, tmp_path / "xl", "model_index.json",
                                                   lambda told: told.update(_class_name="StableDiffusionXLPipeline")))
    says("not whole: vae missing", changed(folder, tmp_path / "part", "model_index.json", lambda told: told.pop("vae")))
    gone = tmp_path / "gone"
    shutil.copytree(folder, gone)
    shutil.rmtree(gone / "safety_checker")
    says("not whole: safety_checker missing", gone)
    (gone / "model_index.json").write_text("{", encoding="utf-8")
    says("model_index.json in .* is damaged", gone)


def test_a_pickle_is_never_opened(tmp_path, folder):
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    weights = old / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save({}, weights.with_suffix(".bin"))
    weights.unlink()
    says("cannot be opened", old)


@pytest.mark.parametrize("name,match", [
    ("sd1.5", "Did you mean 'sd15'"), ("SD-Turb", "Did you mean 'sd-turbo'"), ("pokcet", "Did you mean 'pocket'"),
    ("../x/y", "no model folder"), ("a/b/c", "no model folder"), ("", "no model_index|no model folder")])
def test_a_name_with_a_typo_gets_a_sentence(name, match):
    says(match, name)


# -- the hub ----------------------------------------------------------------------------------------------------------------

class Shelf(http.server.BaseHTTPRequestHandler):
    """The few pages of the hub that fetching a model reads."""

    protocol_version = "HTTP/1.1"
    files: dict = {}

    def do_GET(self):
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            if "/".join(parts[2:4]) != REPO:
                return self.answer(401, b"{}", {"X-Error-Code": "RepoNotFound"})
            told = {"id": REPO, "modelId": REPO, "sha": "0" * 40, "siblings": [{"rfilename": name} for name in self.files]}
            if parts[4:5] == ["tree"]:
                told = [{"type": "file", "path": name, "oid": "0" * 40, "size": len(data)} for name, data in self.files.items()]
            return self.answer(200, json.dumps(told).encode(), {"Content-Type": "application/json"})
        data = self.files.get("/".join(parts[4:]))
        if data is None:
            return self.answer(404, b"", {"X-Error-Code": "EntryNotFound"})
        return self.answer(200, data, {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": "0" * 40})

    do_HEAD = do_GET

    def answer(self, code, data, headers):
        self.send_response(code)
        for name, value in (headers | {"Content-Length": str(len(data))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def to_the_hub(monkeypatch, tmp_path):
    """to_the_hub(url): the hub is there, the network is on, and nothing has been fetched yet."""
    from huggingface_hub import HfApi, constants

    def point(url):
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))

        class Api(HfApi):
            def snapshot_download(self, *given, **more):
                return super().snapshot_download(*given, cache_dir=str(tmp_path / "cache"), **more)

        monkeypatch.setattr(hub, "_api", lambda: Api(endpoint=url))

    return point


@pytest.fixture
def shelf(folder, to_the_hub):
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    kept = type("Kept", (Shelf,), {"files": files | {"unet/diffusion_pytorch_model.bin": b"a pickle", "README.md": b"x"}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kept)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    to_the_hub(f"http://127.0.0.1:{server.server_port}")
    yield kept
    server.shutdown()
    server.server_close()


def test_a_model_is_fetched_from_the_hub_once_and_drawn_from(shelf, folder, tmp_path):
    pipeline = load(REPO)
    assert pipeline.safety_checker is not None and np.array_equal(last(pipeline), last(load(folder)))
    assert not list((tmp_path / "cache").rglob("*.bin")) and hub.missing(REPO) == ""
    shelf.files = {}                      # from here on the hub is empty, and nobody asks it
    big._open.cache_clear()
    assert load(REPO).unet.config.sample_size == 8


def test_a_name_that_the_hub_does_not_have_gets_a_sentence(shelf):
    says("The hub has no model 'somebody/tiny-difusion'", "somebody/tiny-difusion")
    assert "The hub has no model" in hub.missing("stabilityai/sd-turbo")
    shelf.files = {"README.md": b"x"}
    says("lacks files that are needed", REPO)


@pytest.mark.alone
def test_a_hub_that_says_nothing_costs_three_seconds_and_the_pocket_model_stays(to_the_hub):
    with socket.create_server(("127.0.0.1", 0)) as silent:      # accepts, and never answers
        port = silent.getsockname()[1]
        to_the_hub(f"http://127.0.0.1:{port}")
        began = time.monotonic()
        says("did not answer within 3 s.*or stay with the pocket model", "sd15")
        assert time.monotonic() - began < 10
    to_the_hub(f"http://127.0.0.1:{port}")                       # nobody listens any more
    says("did not answer", "sd-turbo")
    assert load("pocket").unet is not None


def test_with_the_network_switched_off_nobody_is_asked():
    says("network is switched off", "sd15")
    assert "network is switched off" in hub.missing("sd-turbo") and hub.missing("pocket") == ""
    assert "no model" in hub.missing("sd2")
