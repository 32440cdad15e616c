"""Random policies for tests: any answers that the questions allow, from a seed, and texts that try to be more than text."""

import random

from policy import answers, draft
from policy.rulebook import rulebook

NASTY = ("<script>document.title='hit'</script>", "<img src=x onerror=\"document.title='hit'\">",
         "[x](javascript:document.title='hit')", "![p](https://outside.example/p.png)", "# big", "* * *", "1. one", "| a | b |",
         "```\ncode", "-->", "<!-- genlens:policy 1", "${1+1} {{value}}", "&lt;b&gt; &amp;", "a_b_c *d* `e`", "שלום עולם",
         "مرحبا", "👋🏽 naïve", "=1+1", "\\", "x\u202ey\x00\x07")


def random_draft(seed: int, texts=()) -> draft.Draft:
    """A draft with random answers; texts are put into its free fields."""
    rng, book = random.Random(seed), rulebook()
    audience = rng.choice(list(book.audiences))
    given, typed = {"audience": audience}, [*texts]
    for name, question in book.questions.items():
        if name == "audience" or rng.random() < 0.25:
            continue
        if question.type == "single":
            given[name] = rng.choice(list(question.options))
        elif question.type == "multi":
            given[name] = [value for value in question.options if rng.random() < 0.5]
        elif question.type == "matrix":
            given[name] = {task: rng.choice(list(book.task_values)) for task in book.tasks if rng.random() < 0.7}
        elif question.type == "number":
            given[name] = rng.randint(1, 400)
        elif question.type == "date":
            given[name] = f"20{rng.randint(20, 35)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        else:
            given[name] = typed.pop() if typed else rng.choice(NASTY)
    switched = [rng.choice(("", "-")) + name for name in book.sections if rng.random() < 0.3]
    data = {"answers": given, "sections": switched, "dismissed": {"T01": "we mean it"} if rng.random() < 0.2 else {}}
    if rng.random() < 0.3:
        data["cites"] = [{"section": rng.choice(list(book.sections)), "text": rng.choice(NASTY),
                          "link": rng.choice(("", "?tab=plane&seed=1", "https://example.org/?tab=plane"))}]
    return draft.draft(data)


def nasty_draft(text: str, audience: str = "course") -> draft.Draft:
    """A preset with the same text in every free field."""
    preset = next(p for p in rulebook().presets.values() if p.audience == audience)
    book, given = rulebook(), dict(preset.answers)
    given |= {name: text for name, q in book.questions.items() if q.type in ("text", "longtext") and audience in q.audiences}
    return draft.Draft(answers.checked(given), ("tools", "environment", "code", "incidents", "ip"))
