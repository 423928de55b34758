"""Recipes: packaged ones load, and what is wrong in one is said with file, line and key, all at once."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from benchwright.errors import RecipeError
from benchwright.recipes.document import key_text, parse_document, parse_value
from benchwright.recipes.load import load_recipe, load_with_places, packaged_recipes
from benchwright.recipes.places import check_with_places
from benchwright.schemas.recipe import Recipe

GOOD = """\
name: mine
scenarios:
  - id: single_turn
    quota: 4
sampling:
  models:
    - id: openai/small
"""


def problems(tmp_path, text, *overrides):
    """Gives the problems of a recipe's text, without the folder in their file names."""
    path = tmp_path / "r.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecipeError) as caught:
        check_with_places(*load_with_places(path, overrides))
    assert caught.value.exit_code == 2
    return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def load_text(tmp_path, text, *overrides):
    path = tmp_path / "r.yaml"
    path.write_text(text, encoding="utf-8")
    return load_recipe(path, overrides)


def test_packaged_recipes_load_and_name_plugins_that_exist():
    names = packaged_recipes()
    assert {"starter", "wildchat", "ifeval_published", "ifeval_recorded"} <= set(names)
    for name in names:
        recipe, document = load_with_places(name)
        assert recipe.name == name
        check_with_places(recipe, document)


def test_a_path_works_too(tmp_path):
    recipe = load_text(tmp_path, GOOD)
    assert recipe == Recipe.model_validate(yaml.safe_load(GOOD))
    assert load_recipe(str(tmp_path / "r.yaml")) == recipe


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (("quota: 4", "qota: 4"), ["r.yaml:4: scenarios.0.qota: unknown key; did you mean 'quota'? allowed: id,"]),
        (("name: mine\n", ""), ["r.yaml:1: name: missing, and required"]),
        (("quota: 4", "quota: 0"), ["r.yaml:4: scenarios.0.quota: should be greater than or equal to 1, got 0"]),
        (("quota: 4", "quota: four"), ["r.yaml:4: scenarios.0.quota: should be a valid integer"]),
        (
            ("quota: 4", "quota: 1\n    quota: 2"),
            ["r.yaml:5: scenarios.0.quota: the key is given twice, first on line 4"],
        ),
        (
            ("  - id: single_turn\n    quota: 4", "  - single_turn"),
            ["r.yaml:3: scenarios.0: expected keys with values"],
        ),
        (
            ("name: mine", "name: true"),
            ["r.yaml:1: name: true reads as a boolean where text is wanted: put it in quotes"],
        ),
        (("name: mine", "name: 12"), ["r.yaml:1: name: 12 reads as a number where text is wanted: put it in quotes"]),
        (("name: mine", "name: My Name"), ["r.yaml:1: name: 'My Name': only lower-case letters"]),
        (("name: mine", "name: mine\nfilters:"), ["r.yaml:2: filters: has no value: give one, or leave the key out"]),
        (("name: mine", "name: mine\nfilters: x"), ["r.yaml:2: filters: expected a list, got 'x'"]),
        (
            ("name: mine", "name: mine\ngraph: {over: ratd}"),
            ["r.yaml:2: graph.over: cannot be 'ratd'; did you mean 'rated'?"],
        ),
        (("name: mine", "name: mine\nsplits: {shares: {A: 1}}"), ["r.yaml:2: splits.shares.A: a name has lower-case"]),
        (("openai/small", "small"), ["r.yaml:7: sampling.models.0.id: 'small' is not of the form provider/name"]),
        (("openai/small", "opnai/small"), ["r.yaml:7: sampling.models.0.id: no provider is called 'opnai'"]),
        (("id: single_turn", "id: single_tun"), ["r.yaml:3: scenarios.0.id: no scenario is called 'single_tun'"]),
        (("name: mine", "name: mine\nfilters: [{id: lenth}]"), ["r.yaml:2: filters.0.id: no filter is called 'lenth'"]),
        (
            ("name: mine", "name: mine\nfilters:\n  - id: length\n    max_tokns: 3"),
            ["r.yaml:4: filters.0.max_tokns: filter 'length': no parameter is called 'max_tokns'"],
        ),
        (
            ("quota: 4", "sources: [{id: messages, files: a.jsonl, promt: b}]"),
            ["r.yaml:4: scenarios.0.sources.0.promt: scenario 'single_turn', source 'messages': no parameter is"],
        ),
        (
            ("  models:\n    - id: openai/small", "  recorded: {id: ifeval, files: a, modl: b}"),
            ["r.yaml:6: sampling.recorded.modl: recorded ifeval: unknown key 'modl'"],
        ),
        (
            ("name: mine", "name: mine\nconstraints: {attach: {use: [lenth]}}"),
            ["r.yaml:2: constraints.attach.use.0: no constraint or family is called 'lenth'"],
        ),
        (
            ("    - id: openai/small", "    - id: openai/small\n      parameters: {temperature: [[1]]}"),
            ["r.yaml:8: sampling.models.0.parameters.temperature: expected a number, text, true, false, or a list"],
        ),
        (
            ("  models:\n    - id: openai/small", "  fleet: false"),
            ["r.yaml:5: sampling: give either models or recorded"],
        ),
    ],
)
def test_one_problem(tmp_path, changed, expected):
    assert changed[0] in GOOD
    found = problems(tmp_path, GOOD.replace(*changed))
    assert len(found) == len(expected)
    for problem, beginning in zip(found, expected, strict=True):
        assert problem.startswith(beginning)


def test_all_problems_at_once_in_the_order_of_the_file(tmp_path):
    text = GOOD.replace("name: mine", "name: 3\nsead: 1\nlimit: -1").replace("quota: 4", "quta: 4")
    assert [problem.split(": ")[:2] for problem in problems(tmp_path, text, "graph.over=x")] == [
        ["--set graph.over=x", "graph.over"],
        ["r.yaml:1", "name"],
        ["r.yaml:2", "sead"],
        ["r.yaml:3", "limit"],
        ["r.yaml:6", "scenarios.0.quta"],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "r.yaml:1: the file is empty"),
        ("# only a remark\n", "r.yaml:1: the file is empty"),
        ("- a\n", "r.yaml:1: a recipe is a mapping of keys, got ['a']"),
        ("just text", "r.yaml:1: a recipe is a mapping of keys, got 'just text'"),
        ("name: a\n\tseed: 1\n", "r.yaml:2: a tab where YAML wants spaces"),
        ("name: a\ncard: b: c\n", "r.yaml:2: a second ': ' in one line"),
        ('name: "a\n', "r.yaml:2: found unexpected end of stream (while scanning a quoted scalar)"),
        ("name: a\n---\nname: b\n", "r.yaml:2: but found another document"),
        ("a: &x [*x]\n", "r.yaml:1: an alias that multiplies or holds itself"),
        ("a: !!python/object/apply:os.getcwd []\n", "r.yaml:1: the tag tag:yaml.org,2002:python/object/apply:os"),
        ("a: !now x\n", "r.yaml:1: could not determine a constructor"),
        ('a: "\\ud800"\n', "r.yaml:1: a \\u escape is half of a surrogate pair"),
        (b"name: a\nseed: \xff\n", "r.yaml:2: byte 0xff is not UTF-8"),
        (b"name: a\nseed: \x00\n", "r.yaml:2: character '\\x00' is not allowed in YAML"),
        ("a: " + "[" * 4000, "r.yaml: nested too deeply"),
        ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcde", "bcdef", strict=True)
        ), "r.yaml:1: an alias that multiplies"),
    ],
)  # fmt: skip
def test_what_is_no_recipe_at_all(tmp_path, text, expected):
    (problem,) = problems(tmp_path, text)
    assert problem.startswith(expected)


def test_keys_that_are_no_text(tmp_path):
    found = problems(tmp_path, GOOD + "12: x\n? [a]\n: y\n")
    assert found[0] == "r.yaml:8: the key 12 is not text: put it in quotes"
    assert found[1] == "r.yaml:9: a key is not text: put it in quotes"


def test_what_yaml_1_1_would_change_stays_as_written(tmp_path):
    """Norwegian is not false, 010 is ten, 1e-1 a number, and a date is text."""
    text = GOOD.replace("name: mine", "name: on\nseed: 010\nfilters: [{id: language, allow: [en, no]}]")
    text += "  parameters: {temperature: 1e-1, stop: 2026-11-22, user: yes, n: 1:30}\n"
    recipe = load_text(tmp_path, text)
    assert (recipe.name, recipe.seed) == ("on", 10)
    assert recipe.filters[0].params == {"allow": ["en", "no"]}
    assert recipe.sampling.parameters == {"temperature": 0.1, "stop": "2026-11-22", "user": "yes", "n": "1:30"}


def test_anchors_and_merges(tmp_path):
    text = GOOD.replace("quota: 4", "sources: &mine [{id: starter}]\n  - id: multi_turn\n    sources: *mine")
    recipe = load_text(tmp_path, text)
    assert recipe.scenarios[0].sources == recipe.scenarios[1].sources
    merged = GOOD.replace("  - id: single_turn", "  - &base\n    id: single_turn") + "\n"
    merged = merged.replace("sampling:", "  - <<: *base\n    id: multi_turn\nsampling:")
    assert [(use.id, use.quota) for use in load_text(tmp_path, merged).scenarios] == [
        ("single_turn", 4),
        ("multi_turn", 4),
    ]


def test_overrides(tmp_path):
    recipe = load_text(
        tmp_path,
        GOOD,
        "seed=7",
        "scenarios.0.quota=2",
        "scenarios.0.sources=[{id: starter}]",
        "graph.isolated_responses=keep",
        "card.license=null",
        "sampling.models.0.parameters.stop=[a, b]",
        "splits.shares={dev: 1}",
        "splits.shares.dev=3",
    )
    assert (recipe.seed, recipe.scenarios[0].quota, recipe.card.license) == (7, 2, None)
    assert recipe.scenarios[0].sources[0].id == "starter"
    assert recipe.graph.isolated_responses == "keep"
    assert recipe.sampling.models[0].parameters == {"stop": ("a", "b")}
    assert recipe.splits.shares == {"dev": 3}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("seed", "--set seed: expected KEY=VALUE"),
        ("=3", "--set =3: expected KEY=VALUE"),
        ("a..b=3", "--set a..b=3: expected KEY=VALUE"),
        ("sead=3", "--set sead=3: sead: unknown key; did you mean 'seed'?"),
        ("scenarios.5.quota=1", "--set scenarios.5.quota=1: scenarios is a list of 1: give an index from 0 to 0"),
        ("scenarios.first.quota=1", "--set scenarios.first.quota=1: scenarios is a list of 1"),
        ("name.x=1", "--set name.x=1: name is 'mine', which has no keys"),
        ("seed={", "--set seed={: '{' is not a YAML value"),
        ("seed={a: 1, a: 2}", "--set seed={a: 1, a: 2}: '{a: 1, a: 2}': the value:1: a: the key is given twice"),
        ("seed=x", "--set seed=x: seed: should be a valid integer"),
        ("filters=[{id: lenth}]", "--set filters=[{id: lenth}]: filters.0: no filter is called 'lenth'"),
    ],
)
def test_wrong_overrides_name_themselves(tmp_path, override, expected):
    assert problems(tmp_path, GOOD, override)[0].startswith(expected)


def test_missing_files_name_what_there_is(tmp_path):
    with pytest.raises(RecipeError, match=r"no recipe 'startr'.*did you mean 'starter'"):
        load_recipe("startr")
    with pytest.raises(RecipeError, match="neither packaged nor as a file"):
        load_recipe(tmp_path / "none.yaml")
    with pytest.raises(RecipeError, match="is a folder"):
        load_recipe(tmp_path)
    big = tmp_path / "logs.jsonl"
    big.write_bytes(b"{}\n" * 400_000)
    with pytest.raises(RecipeError, match="new recipe --from"):
        load_recipe(big)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
keys = st.text(max_size=40)  # YAML takes at most 1,024 characters for a key, escapes counted
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(keys, trees, min_size=1, max_size=3))
def test_json_is_read_as_json(tree):
    """YAML holds JSON: every tree comes back, and every value has a line."""
    document = parse_document(json.dumps(tree, indent=1).encode(), "r.yaml")
    assert document.data == tree
    assert not document.problems

    def places(value, key):
        yield key
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for part, item in inner:
            yield from places(item, (*key, part))

    assert set(document.lines) == set(places(tree, ()))


@given(scalars)
def test_values_of_overrides_are_read_as_json(value):
    assert parse_value(json.dumps(value)) == value


def test_lines_are_those_of_the_keys():
    text = "a: 1\nb:\n  - c: 2\n\n  - d:\n      e: 3\n"
    document = parse_document(text.encode(), "r.yaml")
    named = {key_text(key): line for key, line in document.lines.items() if key and isinstance(key[-1], str)}
    assert named == {"a": 1, "b": 2, "b.0.c": 3, "b.1.d": 5, "b.1.d.e": 6}
    assert document.where(("b", 1, "d", "x", "y")) == "r.yaml:5"
