"""Models by name: on this machine if they were fetched before, else from the Hugging Face hub, which is asked for 3 s first.

Whatever comes from the hub is read from safetensors files alone and draws behind a safety checker.
"""

import difflib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genai_core.errors import BadInput

PROBE_S = 3.0
NAMES = {"sd15": "stable-diffusion-v1-5/stable-diffusion-v1-5", "sd-turbo": "stabilityai/sd-turbo"}
TITLES = {"sd15": "Stable Diffusion 1.5", "sd-turbo": "SD-Turbo"}
CLIPS = {"ViT-B-32": "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"}
CHECKER = NAMES["sd15"]  # whose safety checker watches over models that bring none
ON_THE_HUB = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
WEIGHTS = ("diffusion_pytorch_model.safetensors", "model.safetensors")
SHARDS = ("diffusion_pytorch_model-*-of-*.safetensors", "model-*-of-*.safetensors")
PIPELINE_FILES = ("model_index.json", "*/*.json", "*/*.txt", *(f"*/{name}" for name in (*WEIGHTS, *SHARDS)))
CHECKER_FILES = tuple(f"{part}/{name}" for part, names in (("safety_checker", ("config.json", "model.safetensors")),
                                                         ("feature_extractor", ("*.json",))) for name in names)
CLIP_FILES = ("open_clip_config.json", "open_clip_model.safetensors")


@dataclass(frozen=True)
class Kind:
    """What is fetched. files: patterns of its files. whole(folder): whether all of it is there."""

    files: tuple[str, ...]
    whole: Callable[[Path], bool]


def parts_of(folder: Path) -> dict[str, str]:
    """{part: class name} of a pipeline folder, from its model_index.json; without the parts that it leaves empty."""
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    return {name: told[1] for name, told in index.items() if isinstance(told, list) and len(told) == 2 and told[1]}


def _whole_pipeline(folder: Path) -> bool:
    if not (folder / "model_index.json").is_file():
        return False
    heavy = parts_of(folder).keys() & {"vae", "text_encoder", "unet", "safety_checker"}
    return all(any((folder / part).glob("*.safetensors")) for part in heavy)


def _whole_checker(folder: Path) -> bool:
    return (folder / "safety_checker" / "model.safetensors").is_file() and any((folder / "feature_extractor").glob("*.json"))


def _whole_clip(folder: Path) -> bool:
    return all((folder / name).is_file() for name in CLIP_FILES)


PIPELINE = Kind(PIPELINE_FILES, _whole_pipeline)
SAFETY = Kind(CHECKER_FILES, _whole_checker)
CLIP = Kind(CLIP_FILES, _whole_clip)


def _api():
    from huggingface_hub import HfApi

    return HfApi()


def repository(name: str, names: dict[str, str] = NAMES) -> str | None:
    """The hub's owner/name of a model that we know by a short name, or that is written as owner/name; else None."""
    if name in names:
        return names[name]
    return name if ON_THE_HUB.fullmatch(name) else None


def nearest(name: str, names) -> str:
    """" Did you mean ...?" where a name looks like one of ours."""
    near = difflib.get_close_matches(name.lower(), [n.lower() for n in names], 1, 0.6)
    return "".join(f" Did you mean {n!r}?" for n in names if [n.lower()] == near)


def ask(repo: str) -> None:
    """Whether the hub answers within 3 s and has this model; BadInput, with a sentence, where it does not."""
    from huggingface_hub import errors

    told: list[BaseException | None] = []

    def look() -> None:
        try:
            _api().model_info(repo, timeout=PROBE_S)
            told.append(None)
        except BaseException as error:  # handed to the thread that waits
            told.append(error)

    probe = threading.Thread(target=look, name="probe", daemon=True)  # a name look-up knows no time limit
    probe.start()
    probe.join(PROBE_S)
    error = told[0] if told else TimeoutError()
    if error is None:
        return
    if isinstance(error, errors.GatedRepoError):
        raise BadInput(f"The hub gives {repo!r} only to who has accepted its licence there. Do that, log in with "
                       "`hf auth login`, and try again; or stay with the pocket model.")
    if isinstance(error, errors.RepositoryNotFoundError | errors.HFValidationError):
        raise BadInput(f"The hub has no model {repo!r}. Check the spelling, owner and name.{nearest(repo, NAMES.values())}")
    if isinstance(error, errors.OfflineModeIsEnabled):
        raise BadInput(f"The model {repo!r} is not on this machine, and the network is switched off here (HF_HUB_OFFLINE). "
                       "Fetch it once where there is a network, give a folder that holds it, or stay with the pocket model.")
    raise BadInput(f"The model {repo!r} is not on this machine, and the Hugging Face hub did not answer within "
                   f"{PROBE_S:g} s. Connect to the network, give a folder that holds the model, or stay with the pocket model.")


def _here(repo: str, kind: Kind) -> Path | None:
    """Where an earlier fetch left it; None where it is not whole."""
    from huggingface_hub import errors

    try:
        folder = Path(_api().snapshot_download(repo, allow_patterns=list(kind.files), local_files_only=True))
    except (errors.LocalEntryNotFoundError, OSError, ValueError):
        return None
    return folder if kind.whole(folder) else None


def fetched(repo: str, kind: Kind) -> Path:
    """The folder of a model from the hub, fetched now where it was not before. BadInput where that cannot be."""
    if folder := _here(repo, kind):
        return folder
    ask(repo)
    try:
        folder = Path(_api().snapshot_download(repo, allow_patterns=list(kind.files)))
    except Exception as error:
        raise BadInput(f"Fetching {repo!r} from the hub broke off ({type(error).__name__}). What has come is kept; "
                       "try again to go on.") from error
    if not kind.whole(folder):
        raise BadInput(f"{repo!r} on the hub lacks files that are needed here, as safetensors: it is no model of this kind.")
    return folder


def missing(name: str) -> str:
    """Why a model cannot be used right now, "" where it can; takes at most about 3 s and fetches nothing."""
    repo = repository(name)
    if repo is None:
        return "" if name == "pocket" or Path(name).expanduser().is_dir() else f"There is no model {name!r}."
    if _here(repo, PIPELINE):
        return ""
    try:
        ask(repo)
    except BadInput as error:
        return str(error)
    return ""
