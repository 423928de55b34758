"""A small build with checklists and judges, and the model server that answers everything such a build asks."""

import json
import re
from collections import Counter
from hashlib import sha256

import yaml

from .servers import reply_body
from .test_cli import write_lines

__all__ = [
    "JUDGES",
    "LISTS",
    "ROWS",
    "answer",
    "asked",
    "kind_of",
    "recipe",
    "write_recipe",
]

ROWS = [{"prompt": f"Tell me about river number {n}. Keep it brief and name two towns."} for n in range(4)]
LISTS = {
    "instruction": "Analysis: a river.\nQuestions:\n[Style; Single] Is the response brief?\n"
    "[Content, Numerical; And] Does the response name two towns?",
    "reference": "Analysis: a river.\nQuestions:\n2. [Content] Does it name Bern?\n1. [Style] Is the response brief?\n"
    "3. Is it like the given answer?",
    "spans": "Analysis: two wishes.\nRequirements:\n[Style; Single] Keep it brief\n-> The response is brief.\n"
    "[Content; Single] name two towns\n[Content; Single] in rhyme",
    "feedback": "Analysis: praise.\nPrinciples:\nnames the towns | [Content; Single] The response names towns. | Yes\n"
    "so helpful | [Style] The response is helpful. | Yes",
}
JUDGES = ("checklist", "item", "token", "principle", "joint")
_SIGNS = {
    "repair": "No verdict can be read from your message",
    "checklist": "Take the requirements one after the other",
    "item": "Then end your message with your verdict",
    "token": "Does the reply meet the requirement?",
    "principle": "Does the reply live up to the principle?",
    "joint": "Score every reply on the requirement",
}
_DRAWN = {
    "instruction": "You are shown the request and no response",
    "reference": "You are shown the request and one answer to it",
    "spans": "You list every requirement",
    "feedback": "You find the principles behind the remark",
}
_SHOWN = re.compile(r"Reply \d+:\n\n(`{3,})\n(.*?)\n\1", re.DOTALL)


def recipe(**over):
    """Gives a recipe; keys of ``over`` with two underscores reach into it: ``labels__judges=[...]``."""
    made = {
        "name": "small",
        "scenarios": [{"id": "single_turn", "sources": [{"id": "messages", "files": "rows.jsonl"}]}],
        "constraints": {"attach": {"min": 1, "max": 1, "use": ["punctuation.no_comma"]}},
        "sampling": {"models": ["openai/fake"], "responses": 3},
        "graph": {"edgeless_instructions": "keep", "isolated_responses": "keep"},
    }
    for key, value in over.items():
        part, _, name = key.partition("__")
        made[part][name] = value
    if "labels" not in made and "constraints__checklists" in over:
        made["labels"] = {}
    return made


def write_recipe(folder, judges=(), lists=(), rows=ROWS, **over):
    """Writes rows and a recipe: judges and lists by id, or by their keys."""
    made = recipe(**over)
    if lists:
        made["constraints"]["checklists"] = [one if isinstance(one, dict) else _use(one) for one in lists]
    if judges:
        named = [one if isinstance(one, dict) else _use(one) for one in judges]
        made["labels"] = {"raters": ["code", "judge"], "judges": named}
    folder.mkdir(exist_ok=True)
    write_lines(folder / "rows.jsonl", rows)
    (folder / "small.yaml").write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")
    return folder


def _use(id):
    return {"id": id, "model": "openai/other"}


def kind_of(body):
    """Tells what a request is for: a way to draw a checklist, a labeller, a repair of one's reply, or an answer."""
    first, last = body["messages"][0]["content"], body["messages"][-1]["content"]
    signs = [*((kind, sign, first) for kind, sign in _DRAWN.items()), *((k, sign, last) for k, sign in _SIGNS.items())]
    return next((kind for kind, sign, text in signs if sign in text), "answer")


def asked(server):
    """Counts what a server was asked, by kind."""
    return Counter(map(kind_of, server.bodies))


def _met(*texts):
    return sha256("|".join(texts).encode()).digest()[0] % 3 > 0


def answer(body):
    """Answers as a function of the request: with a comma for the first seed, so that every instruction has an edge."""
    kind, last = kind_of(body), body["messages"][-1]["content"]
    if kind in LISTS:
        return reply_body(LISTS[kind])
    if kind == "checklist":
        count = int(re.search(r"The requirements, (\d+) in all", last)[1])
        replied, wanted = last.split("The reply to judge:")[1].split("The requirements, ")
        listed = {number: text for number, text in re.findall(r"^(\d+)\. (.*)$", wanted, re.MULTILINE)}
        lines = [f"Verdict {n}: {'YES' if _met(replied, listed[str(n)]) else 'NO'}" for n in range(1, count + 1)]
        return reply_body("\n".join(lines))
    if kind == "joint":
        texts = [match[2] for match in _SHOWN.finditer(last)]
        return reply_body(json.dumps({str(n): 90 if _met(text) else 10 for n, text in enumerate(texts, start=1)}))
    if kind in ("token", "principle"):
        word, other = ("Yes", "No") if _met(last) else ("No", "Yes")
        top = [{"token": word, "logprob": -0.1}, {"token": other, "logprob": -2.5}]
        return reply_body(word, logprobs={"content": [{**top[0], "top_logprobs": top}]})
    if kind in ("item", "repair"):
        return reply_body(f"It decides.\n{'YES' if _met(last) else 'NO'}")
    comma = "," if body.get("seed") == 0 else ""
    told = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:12]
    return reply_body(f"So{comma} Bern and Ulm lie there. {told}")
