"""Pictures of digits (and clothes) with their labels, by name: whole in memory, and always saying what they are.

`strokes` and `digits` are always there. MNIST and Fashion-MNIST are read from a folder, from the cache folder, or fetched
where that is asked for; what is not there is refused with a sentence, never replaced by something else.
"""

import contextlib
import contextlib
import os
import socket
import sys
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlparse

import torch

from genai_core.data import strokes_kept
from genai_core.errors import BadInput

TITLES = {"strokes": "Strokes: digits drawn by pen", "digits": "Digits: 8x8 handwriting", "mnist": "MNIST: 28x28 handwriting",
          "fashion_mnist": "Fashion-MNIST: 28x28 clothes"}
SOURCES = {
    "strokes": "drawn by GenLens",
    "digits": "Alpaydin & Kaynak 1998, UCI, doi:10.24432/C50P49, as in scikit-learn",
    "mnist": "LeCun, Cortes & Burges, after LeCun et al. 1998, doi:10.1109/5.726791",
    "fashion_mnist": "Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747",
}
FETCHED = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST"}  # torchvision's class, and the name of its folder
FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"), "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}
DIGITS_TEST = 360     # the last fifth of the 1,797 is the test split
REACH_S = 4.0         # how long a server may take to answer before the network counts as off


@dataclass(frozen=True)
class Pictures:
    """name, title, split and source say what this is. pictures: uint8 (N, 1, S, S). labels: (N,) 0-9.
    factors: (N, 6) as strokes.FACTORS, and styles: (N,), where they are known. Read-only: many share it."""

    name: str
    title: str
    split: str
    source: str
    pictures: torch.Tensor
    labels: torch.Tensor
    factors: torch.Tensor | None = None
    styles: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def size(self) -> int:
        """Pixels along one side."""
        return self.pictures.shape[-1]


def _folders(name: str, folder: str | Path | None) -> list[Path]:
    """Where the files may lie: in what is given, else in GENLENS_DATA, else in the cache folder."""
    root = Path(folder or os.environ.get("GENLENS_DATA") or strokes_kept.cache_folder())
    return [root / FETCHED[name] / "raw", root / FETCHED[name], root / "raw", root]


def _found(name: str, folder: str | Path | None) -> Path | None:
    """The folder that holds at least one of the four files."""
    wanted = [file for pair in FILES.values() for file in pair]
    return next((place for place in _folders(name, folder) if any((place / file).is_file() for file in wanted)), None)


def there(name: str, folder: str | Path | None = None) -> bool:
    """Whether `read` can serve both splits without the network."""
    if name not in FETCHED:
        return name in TITLES
    place = _found(name, folder)
    return place is not None and all((place / file).is_file() for pair in FILES.values() for file in pair)


def _fetch(name: str) -> None:
    """Through torchvision into the cache folder; BadInput within seconds where no server answers."""
    from torchvision import datasets

    maker = getattr(datasets, FETCHED[name])
    hosts = [urlparse(mirror) for mirror in maker.mirrors]
    sentence = f"{TITLES[name]} could not be fetched: {{}}. Give a folder that holds it with --data-dir or GENLENS_DATA, or use strokes."
    if not any(_answers(url.hostname, 443 if url.scheme == "https" else 80) for url in hosts):
        raise BadInput(sentence.format("no server answers, so the network seems to be off"))
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(3 * REACH_S)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            maker(strokes_kept.cache_folder(), download=True)
    except (OSError, RuntimeError) as error:
        raise BadInput(sentence.format(str(error)[:200])) from error
    finally:
        socket.setdefaulttimeout(before)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=REACH_S):
            return True
    except OSError:
        return False


def _idx(name: str, split: str, place: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """The split's pictures and labels from MNIST's own files."""
    missing = [file for pair in FILES.values() for file in pair if not (place / file).is_file()]
    if missing:
        zipped = [file for file in missing if (place / f"{file}.gz").is_file()]
        raise BadInput(f"The folder {place} holds only a part of {TITLES[name]}: it lacks {', '.join(missing)}"
                       + (" (unpack the .gz files there)." if zipped else "."))
    from torchvision.datasets.mnist import read_image_file, read_label_file

    pair = []
    for file, reader in zip(FILES[split], (read_image_file, read_label_file), strict=True):
        try:
            pair.append(reader(str(place / file)))
        except Exception as error:
            raise BadInput(f"{place / file} is damaged or cut short ({type(error).__name__}): copy it anew.") from error
    pictures, labels = pair
    if len(pictures) != len(labels) or len(labels) == 0 or pictures.shape[1:] != (28, 28) or labels.max() > 9:
        raise BadInput(f"The files in {place} do not fit together: {len(pictures)} pictures of "
                       f"{' x '.join(map(str, pictures.shape[1:]))}, {len(labels)} labels.")
    return pictures[:, None].contiguous(), labels


@lru_cache(maxsize=4)
def _idx_kept(name: str, split: str, place: Path) -> tuple[torch.Tensor, torch.Tensor]:
    return _idx(name, split, place)


@lru_cache(maxsize=1)
def _digits() -> tuple[torch.Tensor, torch.Tensor]:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return torch.from_numpy((bunch.images * (255 / 16)).round().astype("uint8"))[:, None], torch.from_numpy(bunch.target).long()


@lru_cache(maxsize=4)
def _strokes(split: str, n: int):
    return strokes_kept.first(split, n)


def size_of(name: str, split: str) -> int | None:
    """How many there are; None where only the files can tell."""
    if name == "digits":
        return DIGITS_TEST if split == "test" else 1797 - DIGITS_TEST
    return strokes_kept.SIZES[split] if name == "strokes" else None


def read(name: str, split: str = "train", n: int | None = None, folder: str | Path | None = None,
         download: bool = False) -> Pictures:
    """The first n pictures of the split, "train" or "test"; None: all. folder: where MNIST's files lie.

    BadInput where there is no such data set, or it is not where it is said to be. Only with download is the network asked.
    """
    if name not in TITLES:
        raise BadInput(f"There are no pictures named {str(name)[:40]!r}; there are {', '.join(TITLES)}.")
    if split not in FILES:
        raise BadInput(f"A split is train or test; you gave {str(split)[:40]!r}.")
    if folder is not None and not Path(folder).is_dir():
        raise BadInput(f"There is no folder {str(folder)!r} to read data from.")
    known = size_of(name, split)
    if n is not None and not 1 <= n <= (known or n):
        raise BadInput(f"{TITLES[name]} has {known or 'some'} {split} pictures; you asked for {n}.")
    if name == "strokes":
        drawn = _strokes(split, n or known)
        return Pictures(name, TITLES[name], split, SOURCES[name], drawn.pictures, drawn.labels, drawn.factors, drawn.styles)
    if name == "digits":
        pictures, labels = _digits()
        part = slice(-DIGITS_TEST, None) if split == "test" else slice(0, -DIGITS_TEST)
        pictures, labels = pictures[part], labels[part]
    else:
        if download and not there(name, folder):
            _fetch(name)
            folder = strokes_kept.cache_folder()
        place = _found(name, folder)
        if place is None:
            looked = folder or os.environ.get("GENLENS_DATA")
            raise BadInput(f"{TITLES[name]} is not " + (f"in {looked}" if looked else "on this machine") + ": give the folder that "
                           f"holds {FETCHED[name]}/raw with --data-dir or GENLENS_DATA, fetch it with --download, or use strokes.")
        pictures, labels = _idx_kept(name, split, place)
        if n is not None and n > len(labels):
            raise BadInput(f"{TITLES[name]} has {len(labels)} {split} pictures; you asked for {n}.")
    return Pictures(name, TITLES[name], split, SOURCES[name], pictures[:n], labels[:n])


def _some(name: str, n: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """n of the training pictures and their labels, chosen by rng, none twice."""
    whole = read(name)
    if n > len(whole):
        raise BadInput(f"{whole.title} has {len(whole)} training pictures; you asked for {n}.")
    rows = torch.randperm(len(whole), generator=rng)[:n]
    return whole.pictures[rows], whole.labels[rows]


def strokes(n: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """n fresh digits by pen.  -> pictures (n, 1, 28, 28) uint8, labels (n,)"""
    from genai_core.data.strokes import draw

    drawn = draw(n, rng)
    return drawn.pictures, drawn.labels


def digits(n: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """-> pictures (n, 1, 8, 8) uint8, labels (n,)"""
    return _some("digits", n, rng)


def mnist(n: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """-> pictures (n, 1, 28, 28) uint8, labels (n,)"""
    return _some("mnist", n, rng)


def fashion_mnist(n: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """-> pictures (n, 1, 28, 28) uint8, labels (n,)"""
    return _some("fashion_mnist", n, rng)
