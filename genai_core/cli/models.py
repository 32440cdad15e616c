"""List the models and the data sets that there are.

Example: python -m genai_core models --json
"""

from genai_core.data import DATASETS
from genai_core.models import MODELS


def add(parser):
    """No arguments of its own."""


def run(args) -> dict:
    models = [{"name": name, "title": model.title, "data": model.data} for name, model in MODELS.items()]
    datasets = [{"name": name, "title": dataset.title} for name, dataset in DATASETS.items()]
    if args.json:
        return {"models": models, "datasets": datasets}
    return {**{f"model {m['name']}": f"{m['title']}, learns {m['data']}" for m in models},
            **{f"data set {d['name']}": d["title"] for d in datasets}}
