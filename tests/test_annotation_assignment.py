"""Who is asked what: enough people, never too many, nobody twice, and never somebody who is not independent."""

from dataclasses import replace

from hypothesis import given as example_of
from hypothesis import strategies as st

from benchwright.labels.annotation.assignment import (
    Progress,
    next_gold,
    next_task,
    overall,
    progress,
    qualification,
    wanted,
)
from benchwright.labels.annotation.task import ANSWERS, Given, Settings, Task

SETTINGS = Settings(guidelines="-")
NONE: dict[str, set[str]] = {}


def label(id, response="r1", priority=0, gold=None):
    return Task(id, "label", "ins", priority, {"response_id": response, "constraint_id": f"c-{id}"}, gold)


def pair(id, a="r1", b="r2", priority=0):
    return Task(id, "pair", "ins", priority, {"a_id": a, "b_id": b})


def item(id, priority=0):
    return Task(id, "item", "ins", priority, {"constraint_id": f"c-{id}"})


def history(*answers):
    """Gives answers from (task, annotator, answer)."""
    return [Given(n, task, who, said, None, None, None, n) for n, (task, who, said) in enumerate(answers, 1)]


def asked(tasks, given, annotator, leased=NONE, settings=SETTINGS):
    found = next_task(tasks, given, annotator, settings, leased)
    return None if found is None else found.id


def test_by_priority_then_id():
    tasks = [label("c", priority=1), label("b"), label("a", priority=2), label("d")]
    order, given = [], []
    while (id := asked(tasks, given, "x")) is not None:
        order.append(id)
        given = history(*((id, "x", "yes") for id in order))
    assert order == ["b", "d", "c", "a"]


def test_two_agree_and_a_third_decides():
    tasks = [label("t")]
    for said, third in (
        (["yes"], True),
        (["yes", "yes"], False),
        (["no", "no"], False),
        (["yes", "no"], True),
        (["yes", "unsure"], True),
        (["unsure", "unsure"], True),
        (["yes", "no", "no"], False),
        (["yes", "no", "unsure"], False),
    ):
        given = history(*(("t", f"x{n}", answer) for n, answer in enumerate(said)))
        assert (asked(tasks, given, "new") == "t") is third, said
        assert all(asked(tasks, given, f"x{n}") is None for n in range(len(said))), "nobody twice"
        alone = replace(SETTINGS, arbitrate=False)
        assert (asked(tasks, given, "new", settings=alone) == "t") is (len(said) < 2)


def test_another_number_of_labels():
    said = {"x": "yes", "y": "yes", "z": "no"}
    one, three = replace(SETTINGS, labels_per_item=1), replace(SETTINGS, labels_per_item=3)
    assert wanted(label("t"), {"x": "no"}, one) == 1
    assert wanted(label("t"), {"x": "unsure"}, one) == 2
    assert wanted(label("t"), said, three) == 3, "most of three say yes"
    assert wanted(label("t"), {**said, "y": "unsure"}, three) == 4
    assert wanted(item("i"), {}, three) == 1


def test_a_changed_mind_counts():
    tasks = [label("t")]
    given = history(("t", "x", "yes"), ("t", "y", "no"), ("t", "y", "yes"))
    assert asked(tasks, given, "z") is None
    assert asked(tasks, given[::-1], "z") is None, "by serial, not by place"


def test_what_is_open_on_a_screen_counts_as_taken():
    tasks = [label("t"), label("u", priority=1)]
    first = history(("t", "x", "yes"))
    assert asked(tasks, first, "y", {"t": {"z"}}) == "u"
    assert asked(tasks, first, "y", {"t": {"y"}}) == "t", "one's own screen"
    assert asked(tasks, first, "y", {"t": {"x"}}) == "t", "back at an answer of one's own"
    split = history(("t", "x", "yes"), ("t", "y", "no"))
    assert asked(tasks, split, "z", {"t": {"w"}}) == "u", "one arbitrates"
    assert asked(tasks, [], "z", {"t": {"w"}}) == "t"
    assert asked(tasks, [], "z", {"t": {"w", "v"}, "u": {"p", "q"}}) is None
    assert asked([item("i")], [], "z", {"i": {"w"}}) is None


def test_pairs_go_to_others():
    tasks = [label("t", "r1"), label("u", "r3"), pair("p", "r1", "r2", priority=5)]
    assert asked(tasks, history(("t", "x", "yes"), ("u", "x", "yes")), "x") is None
    assert asked(tasks, history(("u", "x", "yes"), ("t", "y", "no"), ("t", "z", "no")), "x") == "p"
    assert asked(tasks, history(("p", "x", "same"), ("u", "x", "no")), "x") is None, "nor do they label afterwards"
    two = history(("p", "x", "a"), ("p", "y", "b"))
    assert asked([pair("p")], two[:1], "y") == "p"
    assert asked([pair("p")], two, "z") is None, "no third for pairs"


def test_gold_is_for_the_qualification_alone():
    tasks = [label("g2", gold="no"), label("g1", gold="yes", priority=1), label("t")]
    assert asked(tasks, [], "x") == "t"
    found = next_gold(tasks, [], "x")
    assert found is not None and found.id == "g2"
    answered = history(("g2", "x", "no"), ("g1", "y", "no"))
    found = next_gold(tasks, answered, "x")
    assert found is not None and found.id == "g1"
    done = history(("g2", "x", "no"), ("g1", "x", "no"))
    assert next_gold(tasks, done, "x") is None
    assert asked(tasks, history(("g2", "x", "no")), "x") == "t"
    assert progress(tasks, done, "x", SETTINGS) == Progress(0, 1, 1)
    assert overall(tasks, done, SETTINGS) == Progress(0, 1, 1)
    # A response that was met in the test alone keeps nobody from its pairs.
    assert asked([label("g", "r1", gold="yes"), pair("p")], history(("g", "x", "yes")), "x") == "p"


def test_qualification():
    tasks = [label(f"g{n}", gold="yes") for n in range(10)] + [label("t")]

    def of(*answers, share=0.8, who="x"):
        given = history(*((f"g{n}", "x", answer) for n, answer in enumerate(answers)))
        return qualification(tasks, given, who, replace(SETTINGS, pass_share=share))

    assert (of().state, of().share, of().total) == ("open", None, 10)
    nine = of(*["yes"] * 9)
    assert (nine.state, nine.share, nine.right, nine.answered) == ("open", 1.0, 9, 9)
    assert of(*["yes"] * 8, "no", "unsure").state == "passed"
    assert (of(*["yes"] * 7, *["no"] * 3).state, of(*["yes"] * 7, *["no"] * 3).share) == ("failed", 0.7)
    assert of(*["yes"] * 7, *["no"] * 3, share=0.7).state == "passed"
    assert of(*["yes"] * 10, who="y").state == "open"
    assert qualification(tasks[-1:], [], "x", SETTINGS).state == "passed", "there is nothing to pass"
    corrected = history(*((f"g{n}", "x", "no") for n in range(10)), *((f"g{n}", "x", "yes") for n in range(10)))
    assert qualification(tasks, corrected[::-1], "x", SETTINGS).right == 0, "the first answer counts"


def test_progress():
    tasks = [label("t"), label("u"), pair("p"), item("i")]
    assert progress(tasks, [], "x", SETTINGS) == Progress(0, 4, 4)
    given = history(("t", "x", "yes"), ("t", "y", "yes"), ("i", "y", "approve"))
    assert progress(tasks, given, "x", SETTINGS) == Progress(1, 1, 2)
    assert progress(tasks, given, "z", SETTINGS) == Progress(0, 2, 2)
    assert overall(tasks, given, SETTINGS) == Progress(2, 2, 4)


@st.composite
def projects(draw):
    """Draws tasks over a few responses, in any order."""
    responses = [f"r{n}" for n in range(draw(st.integers(2, 4)))]
    tasks = [
        label(f"l{n}", draw(st.sampled_from(responses)), draw(st.integers(0, 2)))
        for n in range(draw(st.integers(1, 6)))
    ]
    for n in range(draw(st.integers(0, 3))):
        a, b = draw(st.permutations(responses))[:2]
        tasks.append(pair(f"p{n}", a, b, draw(st.integers(0, 2))))
    tasks += [item(f"i{n}", draw(st.integers(0, 2))) for n in range(draw(st.integers(0, 2)))]
    tasks += [label(f"g{n}", gold="yes") for n in range(draw(st.integers(0, 2)))]
    settings = Settings(draw(st.integers(1, 3)), draw(st.booleans()), draw(st.integers(1, 2)), guidelines="-")
    return draw(st.permutations(tasks)), settings


def simulate(tasks, settings, people, draw):
    """Lets people take tasks and answer them in any order, several at once, until nobody is asked any more."""
    given, screens, fresh = [], {}, set(people)
    # Everybody takes and answers every task once at most, and asks in vain once after each answer and at the start.
    for _ in range(1 + len(people) + len(tasks) * len(people) * (2 + len(people))):
        moves = sorted(fresh | set(screens))
        if not moves:
            return given
        who = draw(st.sampled_from(moves))
        leased = {}
        for one, id in screens.items():
            leased.setdefault(id, set()).add(one)
        if who in screens:
            taken = screens.pop(who)
            task = next(task for task in tasks if task.id == taken)
            said = draw(st.sampled_from(ANSWERS[task.kind]))
            given.append(Given(len(given) + 1, task.id, who, said, None, None, None, 0))
            fresh = set(people) - set(screens)
            continue
        found = next_task(tasks, given, who, settings, leased)
        if found is None:
            fresh.discard(who)
        else:
            assert found.id not in {one.task_id for one in given if one.annotator == who}, "asked twice"
            screens[who], fresh = found.id, fresh - {who}
    raise AssertionError("it does not end")


@example_of(projects(), st.integers(1, 7), st.data())
def test_any_order_of_people_ends_with_enough_and_no_more(project, people, data):
    tasks, settings = project
    given = simulate(tasks, settings, [f"x{n}" for n in range(people)], data.draw)
    said = {task.id: {one.annotator: one.answer for one in given if one.task_id == task.id} for task in tasks}
    assert len(given) == sum(map(len, said.values())), "nobody twice"
    first = settings.labels_per_item
    for task in tasks:
        answers = sorted(said[task.id].values())
        most = {"label": first + settings.arbitrate, "pair": settings.checks_per_pair, "item": 1}[task.kind]
        assert len(answers) <= (0 if task.gold else most)
        if task.kind == "label" and len(answers) > first:
            # The one more was needed: without the last answer no yes and no no had more than half.
            before = [one.answer for one in given if one.task_id == task.id][:first]
            assert 2 * max(before.count("yes"), before.count("no")) <= first
    # Whoever saw a pair labelled neither of its responses, before or after.
    for one in (task for task in tasks if task.kind == "pair"):
        for other in (task for task in tasks if task.kind == "label" and not task.gold):
            if other.body["response_id"] in (one.body["a_id"], one.body["b_id"]):
                assert not set(said[one.id]) & set(said[other.id])


@example_of(projects(), st.integers(3, 6), st.data())
def test_with_people_enough_every_label_is_settled(project, people, data):
    """Two equal answers, or three; with labels alone nobody is ever kept out."""
    tasks = [task for task in project[0] if task.kind != "pair"]
    given = simulate(tasks, SETTINGS, [f"x{n}" for n in range(people)], data.draw)
    for task in tasks:
        answers = [one.answer for one in given if one.task_id == task.id]
        if task.gold:
            assert answers == []
        elif task.kind == "item":
            assert len(answers) == 1
        else:
            assert len(answers) == 3 or answers in (["yes", "yes"], ["no", "no"])
    whole = overall(tasks, given, SETTINGS)
    assert whole.open == 0 and whole.done == len([task for task in tasks if not task.gold])
    for n in range(people):
        at = progress(tasks, given, f"x{n}", SETTINGS)
        assert at.open == 0 and at.done == len([one for one in given if one.annotator == f"x{n}"])
